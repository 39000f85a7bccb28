import NIOCore
import Synchronization
import Testing

@testable import MigrationKit

/// Bytes of which no two stretches are alike.
struct Payload: Sendable, CustomTestStringConvertible {
    let bytes: ByteBuffer
    let status: ObjectStatus

    init(_ count: Int, seed: UInt8 = 0) {
        var bytes = ByteBufferAllocator().buffer(capacity: count + (64 << 10))
        var block = FakeGoogleStorageTests.bytes(64 << 10)
        while bytes.readableBytes < count {
            block.setInteger(UInt64(bytes.readableBytes) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(seed), at: 0)
            bytes.writeImmutableBuffer(block)
        }
        bytes.moveWriterIndex(to: count)
        self.bytes = bytes
        status = ObjectStatus(size: Int64(count), crc32c: FakeChecksum.of(bytes))
    }

    /// Three parts: two of 5 MiB, and a short one that is cheap to send again.
    static let threeParts = Payload((10 << 20) + 1000)
    /// Fits in one piece.
    static let small = Payload((1 << 20) + 1000)
    /// One piece of 16 MiB and a short one.
    static let twoPieces = Payload((16 << 20) + 1000)

    var size: Int64 { Int64(bytes.readableBytes) }
    var stream: ByteStream { stream(0..<size) }
    var testDescription: String { "\(size) bytes" }

    func stream(_ range: Range<Int64>) -> ByteStream {
        let rest = Mutex(bytes.getSlice(at: Int(range.lowerBound), length: range.count) ?? ByteBuffer())
        return ByteStream {
            rest.withLock { rest in
                rest.readableBytes > 0 ? rest.readSlice(length: min(rest.readableBytes, 300_000)) : nil
            }
        }
    }
}
