internal import NIOCore

/// A part of a dump that is split: a stretch of the dump, and the text around it.
struct SplitPart: Sendable, Hashable {
    let kind: DumpPart.Kind
    /// The object's name.
    let name: String
    /// Where its stretch begins in the dump.
    var start: Int64
    /// What stands before it.
    let prologue: ByteBuffer
    /// How long the stretch is, so far.
    var length: Int64 = 0
    /// What stands behind it, once the part has ended.
    var epilogue = ByteBuffer()
    var hasEnded = false
}

/// What a ``DumpSplitter`` makes of a dump, in order.
enum SplitPiece: Sendable, Hashable {
    case begin(SplitPart)
    /// Bytes of the part, its prologue and epilogue included.
    case text(ByteBuffer)
    case end(SplitPart)
}
