import Foundation
package import NIOCore

/// CRC32C once more, on purpose not the library's: the fake judges what the library computes.
///
/// Without an optimiser what counts is that nothing is called: words of one type all the way, in memory too, whose
/// operators the compiler replaces by instructions in every build.
package struct FakeChecksum: Sendable {
    private var state: UInt = 0xFFFF_FFFF

    package var value: UInt32 { ~UInt32(state) }

    /// As Google writes it: base64 of the big-endian bytes.
    package static func text(_ value: UInt32) -> String {
        Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }).base64EncodedString()
    }

    package static func of(_ bytes: ByteBuffer) -> UInt32 {
        var checksum = Self()
        checksum.update(bytes)
        return checksum.value
    }

    package mutating func update(_ buffer: ByteBuffer) { buffer.withUnsafeReadableBytes { update($0) } }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let size = MemoryLayout<UInt>.size
        let head = min(bytes.count, (size - Int(bitPattern: base) % size) % size)
        let words = (bytes.count - head) / size
        Self.tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress else { return }
            takeBytes(base, head, table)
            // Only read, and aligned from here on.
            takeWords((base + head).assumingMemoryBound(to: UInt.self), words, table)
            takeBytes(base + head + words * size, bytes.count - head - words * size, table)
        }
    }

    private mutating func takeBytes(_ bytes: UnsafeRawPointer, _ count: Int, _ table: UnsafePointer<UInt>) {
        for index in 0..<count {
            let byte = UInt(bytes.load(fromByteOffset: index, as: UInt8.self))
            state = state &>> 8 ^ table[Int(bitPattern: (state ^ byte) & 0xFF)]
        }
    }

    /// Eight bytes a step.
    private mutating func takeWords(_ words: UnsafePointer<UInt>, _ count: Int, _ table: UnsafePointer<UInt>) {
        var crc = state
        var index = 0
        while index < count {
            let word = UInt(littleEndian: words[index]) ^ crc
            crc =
                table[Int(bitPattern: word & 0xFF) &+ 7 &* 256]
                ^ table[Int(bitPattern: word &>> 8 & 0xFF) &+ 6 &* 256]
                ^ table[Int(bitPattern: word &>> 16 & 0xFF) &+ 5 &* 256]
                ^ table[Int(bitPattern: word &>> 24 & 0xFF) &+ 4 &* 256]
                ^ table[Int(bitPattern: word &>> 32 & 0xFF) &+ 3 &* 256]
                ^ table[Int(bitPattern: word &>> 40 & 0xFF) &+ 2 &* 256]
                ^ table[Int(bitPattern: word &>> 48 & 0xFF) &+ 256]
                ^ table[Int(bitPattern: word &>> 56)]
            index &+= 1
        }
        state = crc
    }

    /// Eight tables, one behind the other: table k holds the state after a byte and k zero bytes.
    private static let tables: [UInt] = {
        var tables = (0..<256).map { byte -> UInt in
            var crc = UInt(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            return crc
        }
        for index in 256..<8 * 256 {
            let crc = tables[index - 256]
            tables.append(crc >> 8 ^ tables[Int(crc & 0xFF)])
        }
        return tables
    }()
}
