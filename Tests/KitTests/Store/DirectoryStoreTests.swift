import NIOCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A folder that several objects are put in at once, by one run.
@Suite(.timeLimit(.minutes(5))) struct DirectoryStoreTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    @Test func foldersOfWhatIsNotAFolderAreNotTakenForNone() async throws {
        #expect(try await DirectoryStore(path: folder.file("nothing")).folders() == [])
        let file = try folder.write("file", "")
        let error = await #expect(throws: MigrationError.self) { try await DirectoryStore(path: file).folders() }
        #expect(error?.message.contains("\(file) cannot be read") == true)
    }

    @Test func oneRunPutsSeveralObjectsAtOnceAndKeepsOthersOut() async throws {
        let store = DirectoryStore(path: folder.path.appending("bucket"))
        let other = DirectoryStore(path: folder.path.appending("bucket"))
        let (chunks, chunk) = AsyncStream.makeStream(of: ByteBuffer.self)
        let (beginnings, begun) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await store.put(
                "a",
                ByteStream {
                    begun.yield()
                    for await chunk in chunks { return chunk }
                    return nil
                })
        }
        for await _ in beginnings { break }
        try await store.put("b", .once(ByteBuffer(string: "second")))
        for (store, name) in [(other, "c"), (store, "a")] {
            let error = await #expect(throws: MigrationError.self) {
                try await store.put(name, .once(ByteBuffer(string: "third")))
            }
            #expect(error?.code == .locked)
        }
        chunk.yield(ByteBuffer(string: "first"))
        chunk.finish()
        #expect(try await first.value.size == 5)
        try await other.put("c", .once(ByteBuffer(string: "third")))
        #expect(try await store.list() == ["a", "b", "c"])
        #expect(try await store.read("a", limit: 10) == Array("first".utf8))
    }

    @Test(arguments: [false, true]) func filesAreWrittenNoFasterThanTheRate(inFolder: Bool) async throws {
        var store: any ObjectStore = DirectoryStore(
            path: folder.path.appending("bucket"), rate: try TransferRate("1B/s"))
        if inFolder { store = try store.folder("attempt") }
        let (beginnings, begun) = AsyncStream.makeStream(of: Void.self)
        let taken = Mutex(0)
        let put = Task { [store] in
            try await store.put(
                "a",
                ByteStream {
                    begun.yield()
                    let count = taken.withLock { taken in
                        taken += 1
                        return taken
                    }
                    return count > 3 ? nil : ByteBuffer(repeating: 0, count: 1_000_000)
                })
        }
        for await _ in beginnings { break }
        put.cancel()
        await #expect(throws: CancellationError.self) { try await put.value }
        #expect(taken.withLock { $0 } == 1)
        #expect(try await store.list() == [])
    }
}
