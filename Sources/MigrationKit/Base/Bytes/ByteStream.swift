public import NIOCore
import Synchronization

/// Bytes in chunks, pulled one at a time: whoever reads slowly slows down whoever writes.
///
/// May be iterated once. It throws where its source fails; a stream that ends without a throw was whole.
public struct ByteStream: AsyncSequence, Sendable {
    /// A chunk.
    public typealias Element = ByteBuffer

    private let pull: @Sendable () async throws -> ByteBuffer?

    /// Makes a stream.
    ///
    /// - Parameter pull: Gives the next chunk, nil at the end, and throws if the source has failed.
    public init(_ pull: @escaping @Sendable () async throws -> ByteBuffer?) {
        self.pull = pull
    }

    /// A stream of one chunk.
    ///
    /// - Parameter chunk: All of it.
    public static func once(_ chunk: ByteBuffer) -> ByteStream {
        let rest = Mutex<ByteBuffer?>(chunk)
        return ByteStream {
            rest.withLock { rest in
                defer { rest = nil }
                return rest
            }
        }
    }

    /// All of a stream that is short.
    ///
    /// - Parameter check: Is told how many bytes there are so far, and throws if they are too many.
    package func collected(_ check: (Int) throws -> Void) async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for try await chunk in self {
            bytes.writeImmutableBuffer(chunk)
            try check(bytes.readableBytes)
        }
        return bytes
    }

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pull: pull) }

    /// Reads the stream.
    public struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        let pull: @Sendable () async throws -> ByteBuffer?

        /// The next chunk, nil at the end.
        ///
        /// - Throws: What the source has failed with.
        public func next() async throws -> ByteBuffer? { try await pull() }
    }
}

extension ByteBuffer {
    /// How large the chunks are that files and pipes are read in: large enough that a thread hop costs nothing, small
    /// enough for a processor's cache.
    package static var chunkSize: Int { 512 << 10 }
}
