import FakeGoogle
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// Small objects that must never be replaced, and a store that does not answer as it should.
@Suite(.inTurn) struct ObjectCreationTests {
    let folder: ScratchFolder

    init() async throws { folder = try ScratchFolder(in: await ScratchPostgres.shared.folder) }

    private func text(_ name: String, in store: any ObjectStore) async throws -> String {
        var bytes = ByteBuffer()
        for try await chunk in try await store.get(name) { bytes.writeImmutableBuffer(chunk) }
        return String(buffer: bytes)
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
