import Foundation
import NIOCore

/// CRC32C once more, on purpose not the library's: the fake judges what the library computes.
///
/// Two bytes a table, four tables: half the look-ups of the usual eight, which is what counts without an optimiser.
struct FakeChecksum: Sendable {
    private var state: UInt32 = ~0

    var value: UInt32 { ~state }

    /// As Google writes it: base64 of the big-endian bytes.
    static func text(_ value: UInt32) -> String {
        Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }).base64EncodedString()
    }

    static func of(_ bytes: ByteBuffer) -> UInt32 {
        var checksum = Self()
        checksum.update(bytes)
        return checksum.value
    }

    mutating func update(_ buffer: ByteBuffer) { buffer.withUnsafeReadableBytes { update($0) } }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var crc = state
        Self.pairs.withUnsafeBufferPointer { pairs in
            guard let table = pairs.baseAddress else { return }
            var (next, left) = (base, bytes.count)
            while left >= 8 {
                let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(truncatingIfNeeded: crc)
                crc =
                    table[Int(truncatingIfNeeded: word & 0xFFFF) &+ 196_608]
                    ^ table[Int(truncatingIfNeeded: word &>> 16 & 0xFFFF) &+ 131_072]
                    ^ table[Int(truncatingIfNeeded: word &>> 32 & 0xFFFF) &+ 65_536]
                    ^ table[Int(truncatingIfNeeded: word &>> 48)]
                next += 8
                left &-= 8
            }
            while left > 0 {
                crc = crc &>> 8 ^ Self.bytes[Int(UInt8(truncatingIfNeeded: crc) ^ next.load(as: UInt8.self))]
                next += 1
                left &-= 1
            }
        }
        state = crc
    }

    private static let bytes: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }

    /// Table k holds the state after two bytes and 2k zero bytes.
    private static let pairs: [UInt32] = {
        var table: [UInt32] = []
        table.reserveCapacity(4 * 65_536)
        for pair in 0..<65_536 {
            var crc = UInt32(pair)
            for _ in 0..<2 { crc = crc >> 8 ^ bytes[Int(crc & 0xFF)] }
            table.append(crc)
        }
        for index in 65_536..<4 * 65_536 {
            let crc = table[index - 65_536]
            table.append(crc >> 16 ^ table[Int(crc & 0xFFFF)])
        }
        return table
    }()
}
