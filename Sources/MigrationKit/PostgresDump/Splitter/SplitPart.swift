package import NIOCore

/// A part of a dump that is split: a stretch of the dump, and the text around it.
package struct SplitPart: Sendable, Hashable {
    package let kind: DumpPart.Kind
    /// The object's name.
    package let name: String
    /// Where its stretch begins in the dump.
    package var start: Int64
    /// What stands before it.
    package let prologue: ByteBuffer
    /// How long the stretch is, so far.
    package var length: Int64 = 0
    /// What stands behind it, once the part has ended.
    package var epilogue = ByteBuffer()
    package var hasEnded = false
}

/// What a ``DumpSplitter`` makes of a dump, in order.
package enum SplitPiece: Sendable, Hashable {
    case begin(SplitPart)
    /// Bytes of the part, its prologue and epilogue included.
    case text(ByteBuffer)
    case end(SplitPart)
}
