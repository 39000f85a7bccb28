import NIOCore
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// A dump is read from its parts as if it had never been split.
@Suite struct StoredDumpTests {
    private let folder: TestFolder
    private let store: DirectoryStore

    init() throws {
        folder = try TestFolder()
        store = DirectoryStore(path: folder.path)
    }

    private func put(_ name: String, _ head: String, _ text: String, _ tail: String) async throws -> DumpPart {
        let whole = ByteBuffer(string: head + text + tail)
        let bytes = name.hasSuffix(".gz") ? try await Gzip.compressed(whole) : whole
        var checksum = StreamChecksum()
        bytes.withUnsafeReadableBytes { checksum.update($0) }
        try await store.put(name, .once(bytes))
        return DumpPart(
            kind: .data, object: StoredObject(name: name, checksum), prologue: head.utf8.count,
            epilogue: tail.utf8.count)
    }

    @Test func partsAreStrippedAndJoined() async throws {
        let long = String(repeating: "0123456789", count: 200_000)
        let parts = [
            try await put("a.sql", "head", "one ", "tail"), try await put("b.sql", "all of it is added", "", ""),
            try await put("c.sql", "", "", "x"), try await put("d.sql", "<", long, ">"),
            try await put("e.sql.gz", "head", " two", "tail"), try await put("f.sql.gz", long, " three", long),
        ]
        let dump = StoredDump(parts, in: store)
        #expect(try await dump.sql.collect() == Array("one \(long) two three".utf8))
        #expect(await dump.alteredObject() == nil)
    }

    @Test(arguments: [Chunking.every(1), .every(3), .random(seed: 1), .whole])
    func chunksDoNotShow(chunking: Chunking) async throws {
        for (head, text, tail) in [("", "", ""), ("abc", "d", ""), ("", "d", "abc"), ("abc", "defgh", "ijkl")] {
            var part = try await put("a.sql", head, text, tail)
            part.kind = .schema
            let stripped = StrippedText(.of(Array((head + text + tail).utf8), chunking), of: part)
            #expect(try await ByteStream { try await stripped.next() }.collect() == Array(text.utf8))
        }
    }

    @Test func partThatIsShorterThanWhatWasAddedIsRefused() async throws {
        for (prologue, epilogue) in [(5, 0), (0, 5), (3, 2), (4 << 20, 4 << 20)] {
            var part = try await put("a.sql", "", "abcd", "")
            (part.prologue, part.epilogue) = (prologue, epilogue)
            let error = await #expect(throws: MigrationError.self) {
                _ = try await StoredDump([part], in: store).sql.collect()
            }
            #expect(error?.message == "a.sql is shorter than the text that was added when the dump was split.")
        }
    }

    @Test func alteredOrUnreadPartIsNamed() async throws {
        var parts = [try await put("a.sql", "(", "one", ")"), try await put("b.sql", "(", "two", ")")]
        let unread = StoredDump(parts, in: store)
        #expect(await unread.alteredObject() == "a.sql")
        // Also what is added is of the object, and only the object's checksums tell.
        try await store.put("b.sql", .once(ByteBuffer(string: "[two)")))
        let dump = StoredDump(parts, in: store)
        #expect(try await dump.sql.collect() == Array("onetwo".utf8))
        #expect(await dump.alteredObject() == "b.sql")
        parts.swapAt(0, 1)
        #expect(try await StoredDump(parts, in: store).sql.collect() == Array("twoone".utf8))
    }
}
