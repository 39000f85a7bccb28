import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// An operator's folder with a key, a bucket with a snapshot, and an instance on this machine to import it into.
struct CloudSQLPlace: Sendable {
    let workplace: Workplace
    let storage: FakeGoogleStorage
    let instance: FakeCloudSQL

    static let bucket = "snapshot"

    /// A place for as long as the body runs.
    ///
    /// - Parameters:
    ///   - snapshot: The objects of the bucket.
    ///   - options: How the instance is.
    static func with(
        _ snapshot: [String: Data], _ options: FakeCloudSQL.Options = .init(),
        _ body: (CloudSQLPlace) async throws -> Void
    ) async throws {
        var storage = FakeGoogleStorage.Options()
        storage.permissions.formUnion(FakeGoogleStorage.Options.objectViewer)
        storage.requiresToken = true
        try await FakeCloudSQL.with(options, storage: storage) { instance, storage in
            let place = CloudSQLPlace(workplace: try await Workplace(), storage: storage, instance: instance)
            try place.workplace.folder.write("key.json", try storage.serviceAccountKey())
            for (name, bytes) in snapshot { storage.add(bucket, name, ByteBuffer(bytes: bytes)) }
            try await body(place)
            #expect(storage.violations == [])
            #expect(instance.violations == [])
        }
    }

    // MARK: Commands

    var environment: [String: String] {
        [
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": storage.endpoint,
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL": instance.endpoint,
            "TARGET_INSTANCE_PROJECT": instance.instance.project, "TARGET_INSTANCE_DB": instance.instance.name,
            "DB_DUMP_BUCKET": Self.bucket, "PGPASSWORD": instance.password,
        ]
    }

    /// Runs `mi-migrate`.
    func migrate(
        _ arguments: String..., environment more: [String: String] = [:], input: String = "",
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"), arguments + ["--credentials=key.json"],
            environment: environment.merging(more) { $1 }, input: input, whileRunning: whileRunning)
    }

    /// Imports without asking, through the Admin API.
    func importAll(
        _ arguments: String..., whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await importAll(arguments + ["--through=api"], whileRunning)
    }

    /// Imports without asking, on three sessions of the administrator's.
    func importOnLanes(
        _ arguments: String..., whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await importAll([connection, "--jobs=3"] + arguments, whileRunning)
    }

    private func importAll(
        _ arguments: [String], _ whileRunning: @Sendable (ProcessIdentifier) async throws -> Void
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"), ["import", "--yes", "--credentials=key.json", "--settle=1"] + arguments,
            environment: environment, whileRunning: whileRunning)
    }

    /// Does all that comes before the load of the first dump: what the next run asks for first is that.
    func importUpToLoad() async throws {
        let begun = try await importAll(connection, "--database=primary", "--until=extensions")
        #expect(begun.exit == 0, "\(begun.errors)")
    }

    /// Where the administrator reaches the database.
    var connection: String { "--connection=\(instance.uri("postgres"))" }

    // MARK: What came of it

    /// How often an object was imported.
    func imports(of object: String) -> Int { instance.imports(of: "gs://\(Self.bucket)/\(object)").count }

    /// The journal's entries, in their order.
    var journal: [String] {
        let names = storage.objectNames(in: Self.bucket).filter { name in
            // What steps have found out is beside them.
            name.hasPrefix("\(journalFolder)/") && name.contains(/\/[0-9]{6}\.json$/)
        }
        return names.compactMap { name in
            storage.object(Self.bucket, name).map { String(buffer: $0.bytes) }
        }
    }
}

/// Buckets as `src-snapshot upload` fills them.
enum CloudSQLSnapshot {
    /// The example's three databases.
    static var example: [String: Data] {
        get async throws { try objects(of: await ExampleSnapshot.shared.workplace.folder.file("bucket")) }
    }

    /// The example's dumps in parts of 64 KiB.
    static var split: [String: Data] { get async throws { try await splitting.value } }

    /// The same, compressed.
    static var compressedSplit: [String: Data] { get async throws { try await compressing.value } }

    private static let splitting = Task { try await inParts(compressed: false) }
    private static let compressing = Task { try await inParts(compressed: true) }

    private static func inParts(compressed: Bool) async throws -> [String: Data] {
        let workplace = try await Workplace()
        try await workplace.takeExample("src-snapshot")
        var upload = UploadSnapshot(
            folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")), store: workplace.store)
        upload.splitSize = 64 << 10
        upload.compresses = compressed
        _ = try await upload.run()
        return try objects(of: workplace.folder.file("bucket"))
    }

    /// Three small databases, which are imported at once.
    static var small: [String: Data] { get async throws { try await making.value } }

    private static let making = Task {
        let workplace = try await Workplace()
        let dump = try await SmallDump.instances
        for database in Database.allCases { try workplace.folder.write("src-snapshot/\(database.dumpName)", dump) }
        try workplace.folder.write("src-snapshot/summary.json", "{\"version\": \"5.1.8\"}\n")
        _ = try await UploadSnapshot(
            folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")), store: workplace.store
        ).run()
        return try objects(of: workplace.folder.file("bucket"))
    }

    static func objects(of folder: FilePath) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
        return try names.reduce(into: [:]) { objects, name in
            objects[name] = try Data(contentsOf: URL(filePath: folder.appending(name).string))
        }
    }
}
