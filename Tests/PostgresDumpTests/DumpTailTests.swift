import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// The trailer is held back, and nothing else is lost or moved.
@Suite struct DumpTailTests {
    private static let trailer = "--\n-- PostgreSQL database dump complete\n--\n"
    private static let key = "\n\\unrestrict abc\n\n"

    private func pass(_ dump: String, _ chunking: Chunking) throws -> (text: String, trailer: String) {
        var tail = DumpTail()
        var text = ByteBuffer()
        chunking.forEachChunk(of: Array(dump.utf8)) { chunk in
            for piece in tail.pass(ByteBuffer(bytes: chunk)) { text.writeImmutableBuffer(piece) }
        }
        let end = try tail.finish()
        text.writeImmutableBuffer(end.text)
        return (String(buffer: text), String(buffer: end.trailer))
    }

    /// Texts shorter and longer than what is held back; some hold the trailer as a value.
    private static let texts = [
        "", "SELECT 1;\n\n", String(repeating: "a row\n", count: 500),
        "COPY notes FROM stdin;\n" + trailer + "\\.\n\n\n",
        "COPY notes FROM stdin;\n" + trailer + key + "\\.\n" + String(repeating: "a row\n", count: 500) + trailer
            + "\n\n",
    ]

    @Test(arguments: texts, ["", "\n", key])
    func textAndTrailerAreToldApartHoweverTheyArrive(text: String, end: String) throws {
        let chunkings = [Chunking.whole, .every(1), .every(1024), .every(1023), .random(seed: 1), .random(seed: 2)]
        for chunking in chunkings {
            let passed = try pass(text + Self.trailer + end, chunking)
            #expect(passed.text == text)
            #expect(passed.trailer == Self.trailer + end)
        }
    }

    @Test func onlySoMuchIsHeldBack() {
        var tail = DumpTail()
        var passed = 0
        for count in 1...100 {
            passed += tail.pass(ByteBuffer(repeating: 65, count: 100)).reduce(0) { $0 + $1.readableBytes }
            #expect(count * 100 - passed <= DumpFrame.tailSize)
        }
    }

    @Test(arguments: [
        "", "SELECT 1;\n", trailer.dropLast().description, trailer + String(repeating: "\n", count: 1024),
    ])
    func dumpWithoutTrailerIsTorn(dump: String) throws {
        let error = #expect(throws: MigrationError.self) { try pass(dump, .every(100)) }
        #expect(error?.code == .tornDump)
    }
}
