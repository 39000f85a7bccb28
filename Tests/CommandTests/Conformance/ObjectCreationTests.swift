import MigrationKit
import NIOCore
import Testing

/// What every ``ObjectStore`` owes to whoever makes small objects that must never be replaced.
@Suite(.inTurn) struct ObjectCreationTests {
    let folder: ScratchFolder

    init() async throws { folder = try ScratchFolder(in: await ScratchPostgres.shared.folder) }

    private func text(_ name: String, in store: any ObjectStore) async throws -> String {
        var bytes = ByteBuffer()
        for try await chunk in try await store.get(name) { bytes.writeImmutableBuffer(chunk) }
        return String(buffer: bytes)
    }

    @Test(arguments: ObjectStoreTests.stores)
    func oneOfSeveralCreatorsWins(subject: ObjectStoreTests.Subject) async throws {
        let (bucket, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        let store = try bucket.folder("one").folder("two")
        for round in 1...5 {
            let winners = try await withThrowingTaskGroup(of: String?.self, returning: [String].self) { group in
                for number in 1...8 {
                    let text = "\(round) \(number)"
                    group.addTask { try await store.create("\(round)", ByteBuffer(string: text)) ? text : nil }
                }
                return try await group.reduce(into: []) { if let text = $1 { $0.append(text) } }
            }
            #expect(winners.count == 1)
            #expect(winners == [try await text("\(round)", in: store)])
        }
        #expect(try await store.list().sorted() == ["1", "2", "3", "4", "5"])
    }

    @Test(arguments: ObjectStoreTests.stores)
    func sameBytesMayBeCreatedAgainAndOthersNot(subject: ObjectStoreTests.Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        for _ in 1...2 { #expect(try await store.create("a", ByteBuffer(string: "first"))) }
        for other in ["second", "firs", "first ", ""] {
            #expect(try await !store.create("a", ByteBuffer(string: other)), "\(other)")
        }
        #expect(try await text("a", in: store) == "first")
        #expect(try await store.create("empty", ByteBuffer()))
    }

    @Test(arguments: ObjectStoreTests.stores)
    func folderIsApartFromItsBucket(subject: ObjectStoreTests.Subject) async throws {
        let (store, server) = try await subject.make(folder.path)
        defer { withExtendedLifetime(server) {} }
        let inner = try store.folder("folder")
        #expect(try await inner.create("a", ByteBuffer(string: "inner")))
        #expect(try await store.create("a", ByteBuffer(string: "outer")))
        #expect(try await store.list() == ["a"])
        #expect(try await inner.list() == ["a"])
        #expect(try await text("a", in: inner) == "inner")
        #expect(try await text("a", in: store) == "outer")
        for name in ["", "..", "a/b", ".hidden", "a\0"] {
            #expect(throws: MigrationError.self) { _ = try store.folder(name) }
            await #expect(throws: MigrationError.self) { _ = try await store.create(name, ByteBuffer(string: "x")) }
        }
    }

    @Test(arguments: SessionFaultTests.unreadable)
    func creationWhoseAnswerCannotBeReadHasSucceeded(body: String) async throws {
        let (store, made) = try await ObjectStoreTests.stores[1].make(folder.path)
        let server = try #require(made)
        server.fault(.insert, .body(body))
        #expect(try await store.create("a", ByteBuffer(string: "mine")))
        #expect(try await text("a", in: store) == "mine")
        #expect(server.violations == [])
    }

    @Test func creationWhoseAnswerIsLostHasSucceeded() async throws {
        let subject = ObjectStoreTests.stores[1]
        let (store, made) = try await subject.make(folder.path)
        let server = try #require(made)
        server.fault(.insert, .lostAnswer)
        #expect(try await store.create("a", ByteBuffer(string: "mine")))
        server.fault(.insert, .status(503))
        #expect(try await !store.create("a", ByteBuffer(string: "another's")))
        #expect(try await text("a", in: store) == "mine")
        #expect(server.objectNames(in: "bucket") == ["a"] && server.violations == [])
    }

    @Test func objectThatIsMadeTakesOneRequest() async throws {
        let (store, made) = try await ObjectStoreTests.stores[1].make(folder.path)
        let server = try #require(made)
        #expect(try await store.create("a", ByteBuffer(string: "\r\n--x\r\n")))
        #expect(server.requests.map(\.operation) == [.insert])
        #expect(try await text("a", in: store) == "\r\n--x\r\n")
    }

    @Test func objectThatIsMadeAndDiffersIsTold() async throws {
        let (store, made) = try await ObjectStoreTests.stores[1].make(folder.path)
        let server = try #require(made)
        server.fault(.insert, .wrongChecksum)
        server.fault(.metadata, .status(404))
        let error = await #expect(throws: MigrationError.self) {
            _ = try await store.create("a", ByteBuffer(string: "mine"))
        }
        #expect(error?.message.contains("is not what was sent: the store's checksum differs (CRC32C ") == true)
    }
}
