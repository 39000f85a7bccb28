/// The checksum that POSIX's `cksum` prints: a CRC-32 of its own, of the bytes and of how many they are.
package struct PosixChecksum {
    private var crc: UInt32 = 0
    /// Bytes so far.
    package private(set) var size: Int64 = 0

    package init() {}

    /// The checksum of the bytes so far.
    package var value: UInt32 {
        var crc = crc
        var rest = UInt64(bitPattern: size)
        while rest > 0 {
            crc = Self.step(crc, UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        return ~crc
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        size += Int64(bytes.count)
        var crc = crc
        var offset = 0
        Self.tables.withUnsafeBufferPointer { tables in
            while bytes.count &- offset >= 8 {
                let word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let state = UInt64(crc) &<< 32
                var rest = word ^ state
                crc = 0
                for table in 0..<8 {
                    let index = table &* 256 &+ Int(rest & 0xFF)
                    crc ^= tables[index]
                    rest &>>= 8
                }
                offset &+= 8
            }
        }
        while offset < bytes.count {
            crc = Self.step(crc, bytes[offset])
            offset &+= 1
        }
        self.crc = crc
    }

    private static func step(_ crc: UInt32, _ byte: UInt8) -> UInt32 {
        let index = Int(UInt8(truncatingIfNeeded: crc &>> 24) ^ byte)
        return (crc &<< 8) ^ tables[index]
    }

    /// Eight tables: table k holds the state after a byte and k zero bytes.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        tables.reserveCapacity(8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte) << 24
            for _ in 0..<8 {
                let carry = crc >> 31
                crc <<= 1
                if carry == 1 { crc ^= 0x04C1_1DB7 }
            }
            tables.append(crc)
        }
        for index in 256..<2048 {
            let previous = tables[index - 256]
            let shifted = previous << 8
            tables.append(shifted ^ tables[Int(previous >> 24)])
        }
        return tables
    }()
}
