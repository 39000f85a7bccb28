import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// A bucket that is filled object by object, as `src-snapshot run` does, while an import follows.
struct FollowPlace: Sendable {
    let workplace: Workplace
    let store: any ObjectStore
    /// The bucket, if it is one of Google's.
    let fake: FakeGoogleStorage?
    let database: Database
    /// All that is uploaded in the end, the manifest too.
    let objects: [String: Data]
    /// What the database holds in the end, as pg_dump writes it.
    let expected: [Substring]
    /// What the import has said.
    let told = Watched(Told())

    struct Told: Sendable {
        var loads: Set<String> = []
        var lines: [String] = []
        /// Bytes of the upload that it has seen.
        var bytes: Int64 = 0
    }

    /// - Parameter size: Bytes of a part.
    static func with<Value: Sendable>(
        size: Int64 = 8000, in fake: FakeGoogleStorage? = nil, _ body: @Sendable (FollowPlace) async throws -> Value
    ) async throws -> Value {
        try await TargetDatabases.withOne { database in
            let workplace = try await Workplace()
            let loader = PartLoader(workplace: workplace)
            let entry = try await loader.upload(HostileDump.text, as: database, size: size)
            let expected = try await loader.expected(entry)
            let bucket = try AttemptBucket(CloudSQLSnapshot.objects(of: workplace.folder.file("bucket")))
            try workplace.folder.remove("bucket")
            let place = FollowPlace(
                workplace: workplace, store: try fake.map(Self.store) ?? workplace.store, fake: fake,
                database: database, objects: bucket.objects, expected: expected)
            // What somebody else has left there is passed over.
            for name in ["notes.txt", "run-20261130T063608Z-4f2a.sql", "run-20260230T063608Z-4f2a.\(database).sql"] {
                try await place.put(name, Data("--".utf8))
            }
            return try await body(place)
        }
    }

    private static func store(_ fake: FakeGoogleStorage) throws -> any ObjectStore {
        try GoogleCloudStorage(bucket: "bucket", environment: ["STORAGE_EMULATOR_HOST": fake.endpoint])
    }

    // MARK: The bucket

    func names(_ kind: DumpPart.Kind) -> [String] {
        objects.keys.filter { PartNames(database: database, of: $0).kind(of: $0) == kind }.sorted()
    }

    /// The names of parts with rows, all but the last half of them first.
    var half: ArraySlice<String> { names(.data).prefix(names(.data).count / 2) }

    func put(_ names: some Sequence<String>) async throws {
        for name in names { try await put(name, try #require(objects[name])) }
    }

    func put(_ name: String, _ bytes: Data) async throws {
        if let fake {
            fake.add("bucket", name, ByteBuffer(bytes: bytes))
        } else {
            try await store.put(name, .once(ByteBuffer(bytes: bytes)))
        }
    }

    func begin() async throws { try await put(names(.extensions) + names(.schema)) }

    /// Puts what is not there yet, and the manifest last.
    ///
    /// - Parameter objects: All of an upload; nil: the one of this place.
    func complete(_ objects: [String: Data]? = nil) async throws {
        let objects = objects ?? self.objects
        try await putRows(objects)
        try await put(SnapshotManifest.name, try #require(objects[SnapshotManifest.name]))
    }

    /// Puts all but the manifest that is not there yet.
    func putRows(_ objects: [String: Data]) async throws {
        let there = try await store.list()
        for (name, bytes) in objects where name != SnapshotManifest.name && !there.contains(name) {
            try await put(name, bytes)
        }
    }

    /// The same objects with the names of another attempt.
    func renamed(_ attempt: String) throws -> [String: Data] {
        var renamed: [String: Data] = [:]
        for (name, bytes) in objects {
            let text = String(decoding: bytes, as: UTF8.self).replacing(AttemptBucket.attempt, with: attempt)
            renamed[name.replacing(AttemptBucket.attempt, with: attempt)] = Data(text.utf8)
        }
        var manifest = try JSONDecoder().decode(
            SnapshotManifest.self, from: try #require(renamed[SnapshotManifest.name]))
        for (entry, dump) in manifest.databases.enumerated() {
            for (part, name) in dump.parts.map(\.object.name).enumerated() {
                var checksum = StreamChecksum()
                try #require(renamed[name]).withUnsafeBytes { checksum.update($0) }
                manifest.databases[entry].parts[part].object = StoredObject(name: name, checksum)
            }
        }
        renamed[SnapshotManifest.name] = try JSONEncoder().encode(manifest)
        return renamed
    }

    // MARK: The import

    var journal: MigrationJournal {
        MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal")))
    }

    /// Imports, and follows the upload unless that is taken out.
    func migrate(
        while body: @escaping @Sendable () async throws -> Void = {},
        changing change: @Sendable (inout ImportSnapshot) -> Void = { _ in }
    ) async throws -> ImportReport {
        told.change { $0 = Told() }
        var flow = ImportSnapshot(
            store: store, importer: try workplace.importer, journal: journal, databases: [database],
            confirm: { _ in true },
            onEvent: { event in
                told.change { told in
                    switch event {
                    case .finished(let name, _): told.loads.insert(name)
                    case .notice(let notice), .warning(let notice): told.lines.append(notice.text)
                    case .advanced("upload", let bytes, _): told.bytes = bytes
                    default: break
                    }
                }
            })
        flow.terminatesConnections = true
        flow.waitsForUpload = .seconds(3600)
        change(&flow)
        return try await withThrowingTaskGroup(of: ImportReport?.self) { [flow] group in
            group.addTask { try await flow.run() }
            group.addTask {
                try await body()
                return nil
            }
            var report: ImportReport?
            while let ended = try await group.next() { report = ended ?? report }
            return try #require(report)
        }
    }

    /// Returns when the parts are loaded.
    func waitForLoads(
        of names: some Sequence<String>, file: String = #filePath, line: Int = #line
    ) async throws {
        let names = Set(names)
        try await told.wait(file: file, line: line, last: { "\($0)" }, until: { $0.loads.isSuperset(of: names) })
    }

    /// Returns when the import has seen as much as these objects are.
    func waitForSight(of names: some Sequence<String>, file: String = #filePath, line: Int = #line) async throws {
        let bytes = names.reduce(0) { $0 + Int64(objects[$1]?.count ?? 0) }
        try await told.wait(file: file, line: line, last: { "\($0)" }, until: { $0.bytes >= bytes })
    }

    /// The database holds what it has to, and the journal says so.
    func expectImported(_ report: ImportReport) async throws {
        #expect(report.completedAt != nil)
        let dump = try await PartLoader(workplace: workplace).dump(database.importedName).sorted()
        #expect(dump == expected, "\(dump.difference(from: expected))")
    }

    /// The import ends because nothing of what was loaded counts, and says so.
    func expectLost(
        _ reason: String, while body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let error = await #expect(throws: MigrationError.self) { try await migrate(while: body) }
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.next?.contains("Nothing that was loaded counts.") == true)
        let journal = journal
        try await journal.read()
        let steps = await journal.state.steps
        #expect(!steps.isEmpty && steps.allSatisfy { $0.isUndone || $0.error != nil }, "\(steps)")
    }
}
