import NIOCore
import TestSupport

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// A dump that was split, with its parts in memory.
struct SplitDump: Equatable {
    /// A part as it would be stored, and what is told of it.
    struct Part: Equatable {
        var part: SplitPart
        var text: [UInt8]

        var string: String { String(decoding: text, as: UTF8.self) }
        /// What of it is the dump's.
        var body: String {
            String(
                decoding: text.dropFirst(part.prologue.readableBytes).dropLast(part.epilogue.readableBytes),
                as: UTF8.self)
        }
    }

    /// In the order in which they come.
    var parts: [Part] = []

    init(_ dump: [UInt8], size: Int64, _ chunking: Chunking = .whole) throws {
        var splitter = DumpSplitter(names: PartNames(database: .primary, isCompressed: false), size: size)
        var pieces: [SplitPiece] = []
        try chunking.forEachChunk(of: dump) { pieces += try splitter.scan(ByteBuffer(bytes: $0)) }
        pieces += try splitter.finish()
        for piece in pieces {
            switch piece {
            case .begin(let part): parts.append(Part(part: part, text: []))
            case .text(let bytes): parts[parts.count - 1].text += bytes.readableBytesView
            case .end(let part): parts[parts.count - 1].part = part
            }
        }
    }

    init(_ dump: String, size: Int64, _ chunking: Chunking = .whole) throws {
        try self.init(Array(dump.utf8), size: size, chunking)
    }

    var kinds: [DumpPart.Kind] { parts.map(\.part.kind) }
    var bodies: [String] { parts.map(\.body) }

    /// The dump again, from the parts.
    var joined: [UInt8] {
        parts.flatMap { one in
            one.text.dropFirst(one.part.prologue.readableBytes).dropLast(one.part.epilogue.readableBytes)
        }
    }

    subscript(_ kind: DumpPart.Kind) -> Part? { parts.first { $0.part.kind == kind } }
}
