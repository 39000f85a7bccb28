internal import NIOCore

/// Gives one database as a plain SQL dump.
///
/// A conformer owes: the dump's bytes as they were written, in order; and a throw, from the stream itself, if the
/// program that writes them did not end well, the file changed while it was read, or the trailer is missing. A stream
/// that ends is a dump that is whole, so nothing downstream finalises a torn one: `checkedForTrailer()` looks
/// at head and trailer. ``DumpPass`` checks the rest: that no COPY, statement or quote is open.
public protocol DatabaseDumper: Sendable {
    /// Which database.
    var database: Database { get }

    /// Runs `body` with the dump as a stream, and cleans up after it.
    ///
    /// - Parameter body: Reads the stream, to its end or not.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, among it what the stream throws.
    func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value
}

extension ByteStream {
    /// The same bytes; throws if they do not begin and end as pg_dump begins and ends a dump: what a ``DatabaseDumper``
    /// owes.
    public func checkedForTrailer() -> ByteStream {
        let frame = FrameKeeper()
        return ByteStream { [self] in
            let iterator = makeAsyncIterator()
            let chunk = try await iterator.next()
            try await frame.see(chunk)
            return chunk
        }
    }

    private actor FrameKeeper {
        private var frame = DumpFrame()

        func see(_ chunk: ByteBuffer?) throws {
            if let chunk { return try chunk.withUnsafeReadableBytes { try frame.add($0) } }
            try frame.checkHead()
            try frame.checkTail()
        }
    }
}
