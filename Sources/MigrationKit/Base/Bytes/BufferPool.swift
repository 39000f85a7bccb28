package import NIOCore
import Synchronization

/// Large buffers that are used again and again: new memory comes from the system a page at a time, which costs as much as
/// all that is done to the bytes.
package final class BufferPool: Sendable {
    private let spare = Mutex<[ByteBuffer]>([])

    package init() {}

    /// An empty buffer, with room if one was given back.
    package func take() -> ByteBuffer { spare.withLock { $0.popLast() } ?? ByteBuffer() }

    /// Gives a buffer back. Where somebody reads it still, its bytes stay as they are.
    package func give(_ buffer: consuming ByteBuffer) {
        guard buffer.capacity > 0 else { return }
        var empty = buffer
        empty.clear()
        spare.withLock { $0.append(empty) }
    }
}

/// Bytes in a buffer of a pool, which gets it back once nobody reads them any more.
package final class PooledBytes: Sendable {
    private let buffer: Mutex<ByteBuffer>
    private let pool: BufferPool

    /// - Parameters:
    ///   - buffer: Has the bytes, and is of the pool.
    ///   - pool: Gets it back.
    package init(_ buffer: consuming ByteBuffer, of pool: BufferPool) {
        self.buffer = Mutex(buffer)
        self.pool = pool
    }

    /// The bytes, shared.
    package var bytes: ByteBuffer { buffer.withLock { $0 } }

    deinit {
        let last = buffer.withLock { buffer in
            var last = ByteBuffer()
            swap(&last, &buffer)
            return last
        }
        pool.give(last)
    }
}
