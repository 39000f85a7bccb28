package import NIOCore

/// What pg_dump writes under one snapshot, run after run: a run goes on where the one before it was cut off.
///
/// Under one snapshot pg_dump writes the same bytes each time, but for the key of `\restrict`. What has been handed on
/// cannot be taken back, so the next run must write all of it again before anything of it is handed on. The line of
/// `\restrict` and the trailer, which answers it, are left out.
package struct RepeatedDump: Sendable {
    /// Another run did not write what had been handed on.
    package struct Differs: Error {}

    /// Of all that was handed on.
    private var handedOn = StreamChecksum(takesSHA256: false)
    /// Of what this run has written so far.
    private var written = StreamChecksum(takesSHA256: false)
    /// The first bytes of this run, until the line of `\restrict` is among them if there is one; nil: they have passed.
    private var head: ByteBuffer? = ByteBuffer()
    private var tail = DumpTail()

    /// That line is pg_dump's fifth.
    private static let headSize = 256

    package init() {}

    /// Another run of pg_dump begins.
    package mutating func begin() {
        (written, head, tail) = (StreamChecksum(takesSHA256: false), ByteBuffer(), DumpTail())
    }

    /// Takes the next chunk of this run.
    ///
    /// - Returns: What no run has written before, in pieces.
    /// - Throws: ``Differs``.
    package mutating func pass(_ chunk: ByteBuffer) throws -> [ByteBuffer] {
        guard var head else { return try unknown(tail.pass(chunk)) }
        head.writeImmutableBuffer(chunk)
        self.head = head
        return head.readableBytes < Self.headSize ? [] : try passHead()
    }

    /// This run has ended well.
    ///
    /// - Returns: The last that no run has written before, in pieces.
    /// - Throws: ``Differs``; ``MigrationError`` if there is no trailer.
    package mutating func finish() throws -> [ByteBuffer] {
        var pieces = try passHead()
        pieces += try unknown([tail.finish().text])
        guard written.size == handedOn.size else { throw Differs() }
        return pieces
    }

    private mutating func passHead() throws -> [ByteBuffer] {
        guard let head else { return [] }
        self.head = nil
        let view = head.readableBytesView
        guard let start = view.prefix(Self.headSize).firstRange(of: Array("\n\\restrict ".utf8))?.lowerBound,
            let end = view[(start + 1)...].firstIndex(of: .lineFeed)
        else { return try unknown(tail.pass(head)) }
        return try unknown(tail.pass(ByteBuffer(view[...start])) + tail.pass(ByteBuffer(view[(end + 1)...])))
    }

    private mutating func unknown(_ pieces: [ByteBuffer]) throws -> [ByteBuffer] {
        try pieces.map { try unknown($0) }.filter { $0.readableBytes > 0 }
    }

    private mutating func unknown(_ piece: ByteBuffer) throws -> ByteBuffer {
        var rest = piece
        let knownSize = Int(min(handedOn.size - written.size, Int64(piece.readableBytes)))
        if knownSize > 0, let known = rest.readSlice(length: knownSize) {
            known.withUnsafeReadableBytes { written.update($0) }
            guard written.size < handedOn.size || written.crc32c == handedOn.crc32c else { throw Differs() }
        }
        if rest.readableBytes > 0 {
            rest.withUnsafeReadableBytes { written.update($0) }
            handedOn = written
        }
        return rest
    }
}
