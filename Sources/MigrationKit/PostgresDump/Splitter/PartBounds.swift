package import NIOCore

/// Where the dump's own bytes begin and end in a part, told by the part itself: before there is a manifest, nothing else
/// does.
///
/// A COPY that is repeated because the dump was cut in its rows counts to the dump here. Whoever loads the part in a
/// transaction of their own keeps it either way.
package struct PartBounds: Sendable, Hashable {
    /// Bytes before those of the dump.
    package let prologue: Int
    /// Bytes behind them.
    package let epilogue: Int

    /// Whether psql's own commands are refused in it, by a key of the dump's.
    package let isRestricted: Bool

    /// Finds them.
    ///
    /// - Parameters:
    ///   - name: The part's name, which it notes of itself.
    ///   - kind: What it is for.
    ///   - head: The beginning of its text.
    /// - Returns: Nil if the head is too short, or not that of a part.
    package init?(of name: String, _ kind: DumpPart.Kind, inHead head: ByteBuffer) {
        let bytes = head.readableBytesView
        guard let note = bytes.firstRange(of: Array("\n\(SplitText.note(name))\n".utf8)) else { return nil }
        prologue = note.upperBound - bytes.startIndex
        // The schema has the dump's own beginning.
        guard let line = Self.firstStatement(kind == .schema ? bytes[note.upperBound...] : bytes) else { return nil }
        var text = SplitText()
        if line.starts(with: Self.restriction) {
            text.restrictKey = String(decoding: line.dropFirst(Self.restriction.count), as: UTF8.self)
        }
        isRestricted = text.restrictKey != nil
        epilogue = text.end(of: kind).readableBytes
    }

    private static let restriction = Array(#"\restrict "#.utf8)

    /// The first whole line that is neither empty nor a comment; nil: there is none yet.
    private static func firstStatement(_ text: ByteBufferView) -> ByteBufferView? {
        text.split(separator: .lineFeed).dropLast(text.last == .lineFeed ? 0 : 1)
            .map { $0.last == .carriageReturn ? $0.dropLast() : $0 }
            .first { !$0.isEmpty && !$0.starts(with: "--".utf8) }
    }
}
