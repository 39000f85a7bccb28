import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Runs of pg_dump under one snapshot make one text, wherever each was cut off.
@Suite struct RepeatedDumpTests {
    private static let trailer = "--\n-- PostgreSQL database dump complete\n--\n\n"

    /// The text of a dump without what is another one in each run.
    private static let text =
        "--\n-- PostgreSQL database dump\n--\n\n\n-- Dumped by pg_dump\n\n"
        + (0..<200).map { "row \($0)\n" }.joined() + "SELECT 1;\n\n"

    /// The whole of it, as a run writes it.
    private static func run(_ key: String?, _ text: String = text) -> [UInt8] {
        guard let key else { return Array((text + trailer).utf8) }
        let line = text.firstRange(of: "--\n\n")!.upperBound
        return Array((text[..<line] + "\\restrict \(key)\n" + text[line...] + trailer + "\\unrestrict \(key)\n\n").utf8)
    }

    private struct Reader {
        var dump = RepeatedDump()
        var text = ""

        /// Reads a run that is cut off, or one that ends well.
        mutating func read(_ bytes: some Collection<UInt8>, _ chunking: Chunking, isWhole: Bool) throws {
            dump.begin()
            var failure: (any Error)?
            chunking.forEachChunk(of: Array(bytes)) { chunk in
                guard failure == nil else { return }
                do { take(try dump.pass(ByteBuffer(bytes: chunk))) } catch { failure = error }
            }
            if let failure { throw failure }
            if isWhole { take(try dump.finish()) }
        }

        private mutating func take(_ pieces: [ByteBuffer]) { for piece in pieces { text += String(buffer: piece) } }
    }

    @Test(arguments: [Chunking.whole, .every(1), .every(700), .random(seed: 3)], [true, false])
    func textIsThatOfOneRunWhereverRunsAreCut(chunking: Chunking, hasKey: Bool) throws {
        let size = Self.run(hasKey ? "a1" : nil).count
        for cut in stride(from: 0, through: size, by: 97) {
            var reader = Reader()
            try reader.read(Self.run(hasKey ? "a1" : nil).prefix(cut), chunking, isWhole: false)
            // The second one does not get as far, or farther.
            try reader.read(Self.run(hasKey ? "b2" : nil).prefix(1500), .every(333), isWhole: false)
            try reader.read(Self.run(hasKey ? "c3" : nil), chunking, isWhole: true)
            #expect(reader.text == Self.text, "cut after \(cut)")
        }
    }

    /// All has come of a run, and then its end was not told.
    @Test func runThatFailsAtItsVeryEndIsRepeated() throws {
        var reader = Reader()
        try reader.read(Self.run("a1"), .whole, isWhole: false)
        try reader.read(Self.run("b2"), .whole, isWhole: true)
        #expect(reader.text == Self.text)
    }

    @Test func nothingIsHandedOnBehindWhatDiffers() throws {
        var reader = Reader()
        try reader.read(Self.run("a1").prefix(1800), .whole, isWhole: false)
        let before = reader.text
        let other = Self.run("b2", Self.text.replacing("row 7\n", with: "row 8\n"))
        #expect(throws: RepeatedDump.Differs.self) { try reader.read(other, .every(50), isWhole: true) }
        #expect(reader.text == before && before.contains("row 7\n"))
    }

    @Test func shorterRunDiffers() throws {
        var reader = Reader()
        try reader.read(Self.run("a1").prefix(2500), .whole, isWhole: false)
        let shorter = Self.run("b2", String(Self.text.prefix(500)))
        #expect(throws: RepeatedDump.Differs.self) { try reader.read(shorter, .whole, isWhole: true) }
    }

    @Test func runWithoutTrailerIsTorn() throws {
        var reader = Reader()
        let error = #expect(throws: MigrationError.self) {
            try reader.read(Self.text.utf8, .whole, isWhole: true)
        }
        #expect(error?.code == .tornDump)
    }
}
