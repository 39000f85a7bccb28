import NIOCore
import Testing

@testable import MigrationKitBase

/// Buffers are used again, and never under somebody's eyes.
@Suite struct BufferPoolTests {
    private func filled(_ byte: UInt8, from pool: BufferPool) -> ByteBuffer {
        var buffer = pool.take()
        buffer.writeRepeatingByte(byte, count: 1 << 20)
        return buffer
    }

    @Test func bufferThatWasGivenBackIsTakenAgain() {
        let pool = BufferPool()
        let first = filled(1, from: pool)
        let memory = first.withUnsafeReadableBytes { $0.baseAddress }
        pool.give(consume first)
        let second = filled(2, from: pool)
        #expect(second.withUnsafeReadableBytes { $0.baseAddress } == memory)
        #expect(second.readableBytesView.allSatisfy { $0 == 2 })
        #expect(pool.take().capacity == 0)
    }

    @Test func bytesThatAreStillReadStayAsTheyAre() {
        let pool = BufferPool()
        let first = filled(1, from: pool)
        pool.give(first)
        let second = filled(2, from: pool)
        #expect(first.readableBytesView.allSatisfy { $0 == 1 } && second.readableBytesView.allSatisfy { $0 == 2 })
    }

    @Test func pooledBytesGoBackWithTheirLastReader() {
        let pool = BufferPool()
        var held: PooledBytes? = PooledBytes(filled(1, from: pool), of: pool)
        #expect(held?.bytes.readableBytes == 1 << 20)
        #expect(pool.take().capacity == 0)
        held = nil
        #expect(pool.take().capacity >= 1 << 20)
    }
}
