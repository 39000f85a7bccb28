import MigrationKit
import NIOCore
import SystemPackage
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

    private struct Torn: Error {}

    let folder: ScratchFolder

    init() async throws { folder = try ScratchFolder(in: await ScratchPostgres.shared.folder) }

    /// A stream of these chunks that ends, or throws.
    private func stream(
        _ chunks: [String], thenThrows error: (any Error)? = nil,
        beforeEnd: @escaping @Sendable () async throws -> Void = {}
    ) -> ByteStream {
        var iterator = chunks.makeIterator()
        let (rest, continuation) = AsyncStream.makeStream(of: String.self)
        while let chunk = iterator.next() { continuation.yield(chunk) }
        continuation.finish()
        return ByteStream {
            for await chunk in rest { return ByteBuffer(string: chunk) }
            try await beforeEnd()
            if let error { throw error }
            return nil
        }
    }

    private func text(_ name: String, in store: any ObjectStore) async throws -> String {
        try await text(try await store.get(name))
    }

    private func text(_ stream: ByteStream) async throws -> String {
        var bytes = ByteBuffer()
        for try await chunk in stream { bytes.writeImmutableBuffer(chunk) }
        return String(buffer: bytes)
    }

    /// What is in the bucket is what was put, and nothing beside it.
    private func holds(_ objects: [String: String], _ store: any ObjectStore) async throws {
        #expect(try await store.list().sorted() == objects.keys.sorted())
        for (name, content) in objects {
            #expect(try await text(name, in: store) == content)
            #expect(try await store.status(of: name)?.size == Int64(content.utf8.count))
        }
    }

    // MARK: put and get

    @Test(arguments: stores)
    func givesBackWhatWasPut(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        let long = String(repeating: "0123456789abcdef", count: 100_000)
        let chunks = [
            "a.sql": ["one"], "b.sql": ["1", "", "2"], "empty": [], "long": [long, long, "\0\n\u{FF}"],
            "large": Array(repeating: long, count: 8) + ["the end"],
        ]
        for (name, chunks) in chunks { _ = try await store.put(name, stream(chunks)) }
        try await holds(chunks.mapValues { $0.joined() }, store)
    }

    @Test(arguments: stores)
    func tellsTheChecksumsOfWhatWasPut(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        // The check value of CRC32C.
        let digits = try await store.put("digits", stream(["1234", "56789"]))
        #expect(digits == ObjectStatus(size: 9, crc32c: 0xE306_9283))
        #expect(try await store.put("nothing", stream([])) == ObjectStatus(size: 0, crc32c: 0))
    }

    @Test(arguments: stores)
    func givesRangesOfWhatWasPut(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("digits", stream(["0123456789"]))
        for (range, expected) in [(0..<3, "012"), (4..<10, "456789"), (8..<99, "89"), (10..<20, ""), (5..<5, "")] {
            let text = try await text(
                try await store.get("digits", range: Int64(range.lowerBound)..<Int64(range.upperBound)))
            #expect(text == expected, "\(range)")
        }
        await #expect(throws: MigrationError.self) { _ = try await store.get("none", range: 0..<1) }
    }

    @Test(arguments: stores)
    func olderObjectIsReplacedOrStays(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("a.sql", stream(["older and longer"]))
        guard store.isWriteOnce else {
            _ = try await store.put("a.sql", stream(["newer"]))
            return try await holds(["a.sql": "newer"], store)
        }
        let error = try await #require(throws: MigrationError.self) {
            _ = try await store.put("a.sql", stream(["newer"]))
        }
        #expect(error.message.contains("a.sql is already in \(store.location)"))
        try await holds(["a.sql": "older and longer"], store)
    }

    @Test(arguments: stores)
    func missingObjectIsToldByName(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("a.sql", stream(["x"]))
        #expect(try await store.status(of: "b.sql") == nil)
        let error = try await #require(throws: MigrationError.self) { _ = try await text("b.sql", in: store) }
        #expect(error.code == .damagedSnapshot)
        #expect(error.message.contains("b.sql is not in "))
    }

    // MARK: A put is whole or not at all

    @Test(arguments: stores, [0, 1, 3])
    func streamThatThrowsLeavesNothing(subject: Subject, chunks: Int) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("other", stream(["x"]))
        await #expect(throws: Torn.self) {
            _ = try await store.put("a.sql", stream(Array(repeating: "chunk", count: chunks), thenThrows: Torn()))
        }
        try await holds(["other": "x"], store)
        #expect(try await store.status(of: "a.sql") == nil)
        #expect(try leftovers(server) == ["other"])
    }

    @Test(arguments: stores)
    func streamThatThrowsKeepsAnOlderObject(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("a.sql", stream(["older"]))
        await #expect(throws: Torn.self) {
            _ = try await store.put("a.sql", stream(["newer", "newer"], thenThrows: Torn()))
        }
        try await holds(["a.sql": "older"], store)
        #expect(try leftovers(server) == ["a.sql"])
    }

    @Test(arguments: stores)
    func cancelledPutLeavesNothing(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("a.sql", stream(["older"]))
        let (reached, continuation) = AsyncStream.makeStream(of: Void.self)
        let put = Task {
            try await store.put(
                "a.sql",
                stream(["newer"]) {
                    continuation.yield()
                    try await Task.sleep(for: .seconds(600))
                })
        }
        try await within("a store that reads") { for await _ in reached { break } }
        put.cancel()
        await #expect(throws: CancellationError.self) { _ = try await put.value }
        try await holds(["a.sql": "older"], store)
        #expect(try leftovers(server) == ["a.sql"])
    }

    @Test(arguments: stores)
    func nothingIsSeenBeforeTheEnd(subject: Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("older", stream(["older"]))
        for name in store.isWriteOnce ? ["new"] : ["new", "older"] {
            _ = try await store.put(
                name,
                stream(["newer", "newer"]) {
                    let (names, size) = (try await store.list(), try await store.status(of: name)?.size)
                    #expect(names == (name == "new" ? ["older"] : ["new", "older"]))
                    #expect(size == (name == "new" ? nil : 5))
                    guard name == "older" else { return }
                    let text = try await text(name, in: store)
                    #expect(text == "older")
                })
        }
        try await holds(["new": "newernewer", "older": store.isWriteOnce ? "older" : "newernewer"], store)
    }

    // MARK: Names

    @Test(
        arguments: stores,
        ["", ".", "..", "../x", "a/b", "/etc/passwd", "/", "a/", "./a", ".hidden", ".part", "a\0b", "../bucket/a"])
    func nameThatLeadsElsewhereIsRefused(subject: Subject, name: String) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        _ = try await store.put("a", stream(["x"]))
        for attempt in [
            { _ = try await store.put(name, stream(["y"])) }, { _ = try await store.get(name) },
            { _ = try await store.status(of: name) },
        ] as [() async throws -> Void] {
            let error = try await #require(throws: MigrationError.self) { try await attempt() }
            #expect(error.code == .damagedSnapshot)
            #expect(error.message.contains("is not a valid object name"), "\(error)")
            #expect(!error.message.contains("\0"))
        }
        try await holds(["a": "x"], store)
        #expect(try folder.list(".") == (server == nil ? ["bin", "bucket"] : ["bin"]))
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

    /// All that is in the bucket, unfinished uploads as well.
    private func leftovers(_ server: FakeGoogleStorage?) throws -> [String] {
        guard let server else { return try folder.list("bucket") }
        #expect(server.openUploads.isEmpty)
        return server.objectNames(in: "bucket").map { String($0.split(separator: "/").last ?? "") }
    }
}
