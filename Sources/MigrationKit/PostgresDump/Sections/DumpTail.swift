package import NIOCore

/// Holds back the end of what pg_dump writes, as its chunks pass: the trailer, which ends the dump that is put together
/// and none of its sections.
package struct DumpTail: Sendable {
    private var held = ByteBuffer()

    package init() {}

    private static let trailer = Array("--\n-- PostgreSQL database dump complete\n--\n".utf8)

    /// Takes the next chunk.
    ///
    /// - Returns: Bytes that are no part of the end, in pieces.
    package mutating func pass(_ chunk: ByteBuffer) -> [ByteBuffer] {
        var rest = chunk
        let before = held.readSlice(length: min(held.readableBytes, excess(with: chunk))) ?? ByteBuffer()
        let passed = rest.readSlice(length: excess(with: chunk)) ?? ByteBuffer()
        // A copy: what is held would keep the memory of all that has passed.
        var end = ByteBuffer()
        end.writeImmutableBuffer(held)
        end.writeImmutableBuffer(rest)
        held = end
        return [before, passed].filter { $0.readableBytes > 0 }
    }

    /// How many bytes are more than what is held back.
    private func excess(with chunk: ByteBuffer) -> Int {
        max(0, held.readableBytes + chunk.readableBytes - DumpFrame.tailSize)
    }

    /// The dump has ended.
    ///
    /// - Returns: What was held back of its text, and the trailer with what follows it.
    /// - Throws: ``MigrationError`` if there is no trailer.
    package mutating func finish() throws -> (text: ByteBuffer, trailer: ByteBuffer) {
        let view = held.readableBytesView
        guard let found = view.ranges(of: Self.trailer).last else { throw DumpFrame.missingTrailer }
        let text = held.readSlice(length: found.lowerBound - view.startIndex) ?? ByteBuffer()
        return (text, held)
    }
}
