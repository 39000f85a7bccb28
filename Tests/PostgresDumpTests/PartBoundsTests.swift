import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// A part that no manifest tells of is loaded as one that a manifest tells of.
@Suite struct PartBoundsTests {
    /// What is left of a part for a transaction of the loader's own.
    private func loaded(_ text: [UInt8], _ prologue: Int, _ epilogue: Int) -> String {
        let head = OwnStatements.removed(fromPrologue: ByteBuffer(bytes: text.prefix(prologue)))
        let end = OwnStatements.removed(fromEpilogue: ByteBuffer(bytes: text.suffix(epilogue)))
        let rest = String(decoding: text.dropFirst(prologue).dropLast(epilogue), as: UTF8.self)
        return String(buffer: head) + rest + String(buffer: end)
    }

    @Test(arguments: [1, 40, 300, .max] as [Int64], ["\n", "\r\n"])
    func partsAreLoadedAsByAManifest(size: Int64, lineEnd: String) throws {
        for dump in [SQLDumps.whole(SQLDumps.copy("t", "one", "two", "three")), Self.restricted] {
            let split = try SplitDump(dump.replacing("\n", with: lineEnd), size: size)
            for one in split.parts where [.schema, .data].contains(one.part.kind) {
                let found = PartBounds(of: one.part.name, one.part.kind, inHead: ByteBuffer(bytes: one.text))
                let bounds = try #require(found)
                #expect(
                    loaded(one.text, bounds.prologue, bounds.epilogue)
                        == loaded(one.text, one.part.prologue.readableBytes, one.part.epilogue.readableBytes))
            }
        }
    }

    private static let restricted =
        "\\restrict aB3\n\nSET row_security = off;\n" + SQLDumps.copy("t", "one", "two") + "\n\\unrestrict aB3\n"

    @Test func headIsFoundAsSoonAsItIsThere() throws {
        let split = try SplitDump(SQLDumps.copy("t", "one", "two"), size: 1)
        let part = try #require(split[.data])
        let length = part.part.prologue.readableBytes
        for count in 0..<length {
            #expect(PartBounds(of: part.part.name, .data, inHead: ByteBuffer(bytes: part.text.prefix(count))) == nil)
        }
        let bounds = PartBounds(of: part.part.name, .data, inHead: ByteBuffer(bytes: part.text.prefix(length)))
        #expect(bounds?.prologue == length)
        #expect(PartBounds(of: "primary.20-data-0009.sql", .data, inHead: ByteBuffer(bytes: part.text)) == nil)
    }
}
