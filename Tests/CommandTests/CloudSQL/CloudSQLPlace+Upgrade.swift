import FakeGoogle
import Foundation
import NIOCore
import SystemPackage
import TestClusters

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud
@testable import MigrationKitSourcegraphAPI

/// Upgrades of what was imported, by a migrator that does what a test wants.
extension CloudSQLPlace {
    /// The folder of the bucket that commands keep their journal in.
    var journalFolder: String { "mi-migrate/\(instance.instance.project).\(instance.instance.name)" }

    /// The journal as it is now; a run of this process may go on with it.
    func openJournal() async throws -> MigrationJournal {
        let journal = MigrationJournal(store: try store(prefix: journalFolder))
        try await journal.read()
        return journal
    }

    /// The flow, in this process: no instance is there that a command could be told of.
    ///
    /// - Parameter migrate: Takes the place of the migrator, whose exit status it gives.
    func upgrading(
        _ migrate: @escaping @Sendable (MigratorCommand) async throws -> Int32
    ) async throws -> UpgradeInstance {
        let journal = try await openJournal()
        let importer = try importer(journal)
        var flow = UpgradeInstance(
            instance: StandInInstance(marked: { try await marked($0) }, migrate: migrate), importer: importer,
            journal: journal)
        flow.from = "5.1.8"
        return flow
    }

    private var admin: CloudSQLAdmin {
        get throws {
            try CloudSQLAdmin(
                project: instance.instance.project, instance: instance.instance.name, credentials: try credentials,
                environment: environment)
        }
    }

    private var uri: PostgresURI {
        get throws {
            try PostgresURI("postgres://sourcegraph-admin:\(instance.password)@127.0.0.1:\(instance.port)/postgres")
        }
    }

    /// What imports through the Admin API, and compares over a connection.
    func importer(_ journal: MigrationJournal) throws -> CloudSQLImporter {
        var importer = CloudSQLImporter(
            admin: try admin, bucket: try store(), journal: journal, connection: try uri)
        importer.settling = .seconds(1)
        return importer
    }

    /// What imports over a connection.
    func lanes(_ journal: MigrationJournal) throws -> CloudSQLLanes {
        let store = try store()
        var lanes = CloudSQLLanes(admin: try admin, source: store.location, journal: journal, connection: try uri)
        lanes.settling = .seconds(1)
        return lanes
    }

    /// The databases with the marks that they bear.
    private func marked(_ databases: [Database]) async throws -> [InstanceDatabase] {
        var found: [InstanceDatabase] = []
        for database in databases {
            let mark = try await instance.sql(StandInInstance.question, database: database.importedName)
            found.append(InstanceDatabase(database, service: "stand-in", address: instance.instance.name, mark: mark))
        }
        return found
    }

    /// Upgrades the databases, as far as a change of each tells.
    func upgrade() async throws {
        _ = try await upgrading { _ in
            try await upgradeContents()
            return 0
        }.run()
    }

    /// That change alone.
    func upgradeContents() async throws {
        for database in Database.allCases {
            try await instance.sql(
                "CREATE TABLE IF NOT EXISTS upgraded (); DELETE FROM audit.notes", database: database.importedName)
        }
    }

    /// The journal, and what steps have found out, by name.
    var journalObjects: [String: ByteBuffer] {
        let names = storage.objectNames(in: Self.bucket).filter { $0.hasPrefix("\(journalFolder)/") }
        return names.reduce(into: [:]) { $0[$1] = storage.object(Self.bucket, $1)?.bytes }
    }

    /// Makes the journal what it was.
    func putBack(journal: [String: ByteBuffer]) {
        for name in journalObjects.keys where journal[name] == nil { storage.remove(Self.bucket, name) }
        for (name, bytes) in journal { storage.add(Self.bucket, name, bytes) }
    }

    /// What the databases hold, by pg_dump.
    var contents: [String] {
        get async throws {
            var contents: [String] = []
            for database in Database.allCases { contents.append(try await instance.pgDump(database.importedName)) }
            return contents
        }
    }

    /// How many operations of a type have ended well.
    func done(_ type: String) -> Int { instance.operations.count { $0.type == type && $0.error == nil } }

    private var credentials: GoogleCredentials {
        get throws { try .file(workplace.folder.file("key.json"), environment: environment) }
    }

    func store(prefix: String = "") throws -> GoogleCloudStorage {
        try GoogleCloudStorage(
            bucket: Self.bucket, prefix: prefix, credentials: try credentials, environment: environment)
    }
}
