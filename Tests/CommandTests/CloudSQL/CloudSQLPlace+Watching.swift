import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import TestClusters
import Testing

/// What is left on the instance, and what is done to it meanwhile.
extension CloudSQLPlace {
    /// Puts something into each database that must not be lost.
    func makePrecious() async throws {
        for database in Database.allCases {
            try await instance.sql("CREATE TABLE precious AS SELECT 1 AS one", database: database.importedName)
        }
    }

    /// Expects that no database was dropped, not even to be made anew.
    func expectUntouched(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(dropped == [], comment, sourceLocation: sourceLocation)
        for database in Database.allCases {
            let rows = try await instance.sql("SELECT one FROM precious", database: database.importedName)
            #expect(rows == "1", comment, sourceLocation: sourceLocation)
        }
    }

    /// The databases of Sourcegraph's that were dropped, in order.
    var dropped: [String] {
        instance.operations.filter { $0.type == "DELETE_DATABASE" }.compactMap(\.database)
            .filter { Database(anyName: $0) != nil }
    }

    /// The databases of the instance.
    var databases: [String] {
        get async throws {
            try await instance.sql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
                .split(separator: "\n").map(String.init)
        }
    }

    static func uri(_ object: String) -> String { "gs://\(bucket)/\(object)" }

    /// Holds the import of an object, and runs `body` while it is held.
    func whileHeld(_ object: String, _ body: @Sendable () async throws -> Void) async throws {
        let uri = Self.uri(object)
        try await instance.waitUntil { $0.operations.contains { $0.uri == uri && $0.status == .running } }
        try await body()
        instance.releaseOperations()
    }

    /// Imports one database, and does something to it between load and proof.
    func importPrimary(
        _ arguments: String..., beforeProof body: @escaping @Sendable () async throws -> Void
    ) async throws -> Workplace.Finished {
        let uri = Self.uri("primary.sql")
        instance.fault(operation: .held(), of: uri)
        return try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            ["import", "--yes", "--credentials=key.json", "--settle=1", "--database=primary", "--through=api"]
                + arguments,
            environment: environment
        ) { _ in
            try await instance.waitUntil { $0.operations.contains { $0.uri == uri && $0.status == .running } }
            // The next import is the proof's first question.
            instance.fault(operation: .held())
            instance.releaseOperations()
            try await instance.waitUntil { record in
                record.operations.last.map { $0.type == "IMPORT" && $0.uri != uri && $0.status == .running } == true
            }
            try await body()
            instance.releaseOperations()
        }
    }
}

extension CloudSQLSnapshot {
    /// A snapshot of one database.
    static func primary(_ dump: String) async throws -> [String: Data] {
        let workplace = try await Workplace()
        try await workplace.upload(dump, as: .primary)
        return try objects(of: workplace.folder.file("bucket"))
    }

    /// The same objects, with a manifest that was changed.
    static func changing(
        _ snapshot: [String: Data], _ old: String, _ new: String
    ) throws -> [String: Data] {
        var snapshot = snapshot
        let text = String(decoding: try #require(snapshot["manifest.json"]), as: UTF8.self)
        try #require(text.contains(old))
        snapshot["manifest.json"] = Data(text.replacing(old, with: new).utf8)
        return snapshot
    }
}
