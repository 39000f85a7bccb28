import FakeGoogle
import MigrationKit
import MigrationKitTesting
import NIOCore
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// What every ``ObjectStore`` owes. A new one is added to ``stores``.
@Suite(.inTurn) struct ObjectStoreTests {
    struct Subject: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Makes an empty bucket, in a folder if it needs one, and what has to live as long as it.
        var make: @Sendable (FilePath) async throws -> (store: any ObjectStore, server: FakeGoogleStorage?)
    }

    static let stores = [
        Subject(testDescription: "DirectoryStore") { (DirectoryStore(path: $0.appending("bucket")), nil) },
        Subject(testDescription: "GoogleCloudStorage") { _ in try await google(prefix: "") },
        Subject(testDescription: "GoogleCloudStorage with a prefix") { _ in try await google(prefix: "some/where") },
    ]

    /// A bucket whose user may create and read, as far as the promises go that need both.
    private static func google(prefix: String) async throws -> (any ObjectStore, FakeGoogleStorage) {
        var options = FakeGoogleStorage.Options()
        options.permissions.formUnion(FakeGoogleStorage.Options.objectViewer)
        let server = try await FakeGoogleStorage(options)
        let store = try GoogleCloudStorage(
            bucket: "bucket", prefix: prefix, environment: ["STORAGE_EMULATOR_HOST": server.endpoint])
        return (store, server)
    }

    let folder: ScratchFolder

    init() async throws { folder = try ScratchFolder(in: await ScratchPostgres.shared.folder) }

    @Test(arguments: stores, ObjectStorePromise.all + ObjectStorePromise.ofJournals)
    func promiseIsKept(subject: Subject, promise: ObjectStorePromise) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        try await promise.check(store)
        // Nor is anything left that the store itself does not show.
        if let server { return #expect(server.openUploads.isEmpty) }
        #expect(try folder.list(".") == ["bin", "bucket"])
        #expect(try folder.list("bucket").filter { $0.hasPrefix(".") || $0.hasSuffix(".part") } == [])
    }

    @Test(arguments: stores)
    func whatIsWrongIsToldByName(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        try await store.put("a.sql", stream(["x"]))
        func message(_ attempt: () async throws -> Void) async throws -> String {
            try await #require(throws: MigrationError.self) { try await attempt() }.message
        }
        if store.isWriteOnce {
            let replacing = try await message { try await store.put("a.sql", stream(["y"])) }
            #expect(replacing.contains("a.sql is already in \(store.location)"))
        }
        let missing = try await message { for try await _ in try await store.get("b.sql") {} }
        #expect(missing.contains("b.sql is not in "))
        for name in ["../x", "a\0b"] {
            let misnamed = try await message { _ = try await store.status(of: name) }
            #expect(misnamed.contains("is not a valid object name") && !misnamed.contains("\0"), "\(misnamed)")
        }
    }

    private func stream(_ chunks: [String]) -> ByteStream { ObjectStorePromise.stream(chunks) }

    private func holds(_ objects: [String: String], _ store: any ObjectStore) async throws {
        try await ObjectStorePromise.require(objects, in: store)
    }

    // MARK: A folder

    @Test func listLeavesOutPartsHiddenFilesAndFolders() async throws {
        for name in [".hidden", "a.sql.part", "folder/x", "a.sql"] { try folder.write("bucket/\(name)", "x") }
        let store = DirectoryStore(path: folder.file("bucket"))
        #expect(try await store.list() == ["a.sql"])
        #expect(try await store.status(of: "folder") == nil)
        await #expect(throws: MigrationError.self) { _ = try await store.get("folder") }
    }

    @Test func putsFollowEachOtherWhileProgramsAreStarted() async throws {
        let store = DirectoryStore(path: folder.file("bucket"))
        let workplace = try await Workplace()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...4 {
                group.addTask { for _ in 1...25 { _ = try await workplace.shell("exit 0") } }
            }
            for number in 1...150 { _ = try await store.put("a", stream(["\(number)"])) }
            try await group.waitForAll()
        }
        try await holds(["a": "150"], store)
    }

    @Test func partOfAKilledRunIsReplaced() async throws {
        try folder.write("bucket/a.sql.part", String(repeating: "stale", count: 1000), mode: 0o666)
        let store = DirectoryStore(path: folder.file("bucket"))
        _ = try await store.put("a.sql", stream(["new"]))
        try await holds(["a.sql": "new"], store)
        #expect(try folder.list("bucket") == ["a.sql"])
        #expect(try folder.mode("bucket/a.sql") == 0o600)
    }

    @Test func folderThatIsNotThereIsToldByName() async throws {
        let store = DirectoryStore(path: folder.file("none"))
        let error = try await #require(throws: MigrationError.self) { _ = try await store.list() }
        #expect(error.code == .unmetRequirement && error.message.contains("none cannot be read"))
        #expect(try await store.status(of: "a") == nil)
        let deep = DirectoryStore(path: folder.file("none/deeper"))
        await #expect(throws: MigrationError.self) { _ = try await deep.put("a", stream(["x"])) }
        #expect(!folder.exists("none"))
    }

    @Test func fileThatChangesWhileItIsReadThrows() async throws {
        let store = DirectoryStore(path: folder.file("bucket"))
        _ = try await store.put("a.sql", stream(["whole"]))
        let iterator = try await store.get("a.sql").makeAsyncIterator()
        _ = try await iterator.next()
        try folder.write("bucket/a.sql", "other")
        let error = try await #require(throws: MigrationError.self) { while try await iterator.next() != nil {} }
        #expect(error.message.contains("a.sql changed while it was being read"))
    }
}
