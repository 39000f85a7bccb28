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
        var text = SplitText()
        let start = Array(#"\restrict "#.utf8)
        if let line = bytes[..<note.lowerBound].split(separator: .lineFeed).first(where: { $0.starts(with: start) }) {
            text.restrictKey = String(decoding: line.dropFirst(start.count), as: UTF8.self)
        }
        epilogue = text.end(of: kind).readableBytes
    }
}
