/// CRC32C (Castagnoli), the checksum that Google Cloud Storage keeps of every object.
///
/// Sixteen bytes a step from sixteen tables: Swift has no portable access to the processor's own instruction, and
/// SHA-256, which goes over the same bytes, takes twice as long.
public struct CRC32C: Sendable, Hashable {
    private var state: UInt32 = ~0

    /// The checksum of no bytes.
    public init() {}

    /// The checksum of the bytes so far.
    public var value: UInt32 { ~state }

    /// Takes more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        Self.tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress else { return }
            var crc = state
            var offset = 0
            let end = bytes.count & ~15
            while offset < end {
                let low =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(crc)
                let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
                crc = Self.fold(low, table + 8 * 256) ^ Self.fold(high, table)
                offset &+= 16
            }
            while offset < bytes.count {
                crc = crc &>> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
                offset &+= 1
            }
            state = crc
        }
    }

    @inline(__always)
    private static func fold(_ word: UInt64, _ table: UnsafePointer<UInt32>) -> UInt32 {
        let a = table[7 &* 256 &+ Int(word & 0xFF)] ^ table[6 &* 256 &+ Int(word &>> 8 & 0xFF)]
        let b = table[5 &* 256 &+ Int(word &>> 16 & 0xFF)] ^ table[4 &* 256 &+ Int(word &>> 24 & 0xFF)]
        let c = table[3 &* 256 &+ Int(word &>> 32 & 0xFF)] ^ table[2 &* 256 &+ Int(word &>> 40 & 0xFF)]
        let d = table[256 &+ Int(word &>> 48 & 0xFF)] ^ table[Int(word &>> 56)]
        return a ^ b ^ c ^ d
    }

    /// Table k holds the checksum of a byte that k zero bytes follow.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 16 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<16 * 256 {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()
}
