import FakeGoogle
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Bytes of which no two stretches are alike.
struct Payload: Sendable, CustomTestStringConvertible {
    let bytes: ByteBuffer
    let status: ObjectStatus

    /// Shorter than any part: wherever a part begins, it has the seed in it.
    private static let block = TestBytes.varied(1 << 10)

    init(_ count: Int, seed: UInt8 = 0) {
        var bytes = ByteBufferAllocator().buffer(capacity: count + Self.block.readableBytes)
        var block = Self.block
        while bytes.readableBytes < count {
            block.setInteger(UInt64(bytes.readableBytes) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(seed), at: 0)
            bytes.writeImmutableBuffer(block)
        }
        bytes.moveWriterIndex(to: count)
        self.bytes = bytes
        status = ObjectStatus(size: Int64(count), crc32c: FakeChecksum.of(bytes))
    }

    /// Bytes of a part, for who has only small ones.
    static let part = TransferSizes.small.smallestPart

    /// Three parts: two full ones, and a short one that is cheap to send again.
    static let threeParts = threeParts()
    static let threeRealParts = Payload(2 * Int(TransferSizes.real.smallestPart) + 1000)
    /// Fits in one piece.
    static let small = Payload(TransferSizes.small.smallObject / 8 + 1000)
    static let realSmall = Payload(TransferSizes.real.smallObject / 8 + 1000)
    /// One full piece and a short one.
    static let twoPieces = Payload(TransferSizes.small.piece + 1000)
    static let twoRealPieces = Payload(TransferSizes.real.piece + 1000)

    static func threeParts(seed: UInt8 = 0) -> Payload { Payload(2 * Int(part) + 1000, seed: seed) }

    var size: Int64 { Int64(bytes.readableBytes) }
    var stream: ByteStream { stream(0..<size) }
    var testDescription: String { "\(size) bytes" }

    func stream(_ range: Range<Int64>) -> ByteStream {
        let rest = Mutex(bytes.getSlice(at: Int(range.lowerBound), length: range.count) ?? ByteBuffer())
        // No divisor of a part, and several to one.
        let chunk = size > Int64(TransferSizes.real.smallestPart) ? 300_000 : 19_000
        return ByteStream {
            rest.withLock { rest in
                rest.readableBytes > 0 ? rest.readSlice(length: min(rest.readableBytes, chunk)) : nil
            }
        }
    }
}
