/// CRC32C (Castagnoli), the checksum that Google Cloud Storage keeps of every object.
///
/// From tables, eight bytes a step, in three lanes at once: Swift has no portable access to the processor's own
/// instruction, and one lane alone waits for its own last step most of the time.
public struct CRC32C: Sendable, Hashable {
    private var state: UInt32 = ~0

    /// The checksum of no bytes.
    public init() {}

    /// The checksum of the bytes so far.
    public var value: UInt32 { ~state }

    /// Bytes that each of the three lanes takes before the three are joined.
    private static let laneSize = 4096

    /// Takes more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        Self.tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress else { return }
            var crc = state
            var offset = 0
            while bytes.count &- offset >= 3 &* Self.laneSize {
                crc = Self.threeLanes(base + offset, crc, table)
                offset &+= 3 &* Self.laneSize
            }
            while bytes.count &- offset >= 8 {
                crc = Self.step(crc, base + offset, table)
                offset &+= 8
            }
            while offset < bytes.count {
                crc = crc &>> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
                offset &+= 1
            }
            state = crc
        }
    }

    /// Three stretches side by side, the second and third from zero; then each joined to the one before it.
    @inline(__always)
    private static func threeLanes(_ base: UnsafeRawPointer, _ crc: UInt32, _ table: UnsafePointer<UInt32>) -> UInt32 {
        var first = crc
        var second: UInt32 = 0
        var third: UInt32 = 0
        var offset = 0
        while offset < laneSize {
            first = step(first, base + offset, table)
            second = step(second, base + (offset &+ laneSize), table)
            third = step(third, base + (offset &+ 2 &* laneSize), table)
            offset &+= 8
        }
        return afterLane(afterLane(first, table) ^ second, table) ^ third
    }

    @inline(__always)
    private static func step(_ crc: UInt32, _ bytes: UnsafeRawPointer, _ table: UnsafePointer<UInt32>) -> UInt32 {
        let word = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
        let a = table[7 &* 256 &+ Int(word & 0xFF)] ^ table[6 &* 256 &+ Int(word &>> 8 & 0xFF)]
        let b = table[5 &* 256 &+ Int(word &>> 16 & 0xFF)] ^ table[4 &* 256 &+ Int(word &>> 24 & 0xFF)]
        let c = table[3 &* 256 &+ Int(word &>> 32 & 0xFF)] ^ table[2 &* 256 &+ Int(word &>> 40 & 0xFF)]
        let d = table[256 &+ Int(word &>> 48 & 0xFF)] ^ table[Int(word &>> 56)]
        return a ^ b ^ c ^ d
    }

    /// The state after a lane's length of zero bytes.
    @inline(__always)
    private static func afterLane(_ crc: UInt32, _ table: UnsafePointer<UInt32>) -> UInt32 {
        let shift = table + 8 * 256
        return shift[Int(crc & 0xFF)] ^ shift[256 &+ Int(crc &>> 8 & 0xFF)] ^ shift[512 &+ Int(crc &>> 16 & 0xFF)]
            ^ shift[768 &+ Int(crc &>> 24)]
    }

    /// Eight tables: table k holds the state after a byte and k zero bytes. Then four, for the bytes of a state that
    /// a lane's length of zero bytes follows.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 12 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<8 * 256 {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        // The state is linear in its bits: what becomes of each bit says what becomes of any state.
        let bits = (0..<32).map { bit in
            (0..<laneSize).reduce(UInt32(1) << UInt32(bit)) { crc, _ in crc >> 8 ^ tables[Int(crc & 0xFF)] }
        }
        for place in 0..<4 {
            for byte in 0..<256 {
                let set = (0..<8).filter { byte >> $0 & 1 == 1 }
                tables[(8 + place) * 256 + byte] = set.reduce(0) { $0 ^ bits[place * 8 + $1] }
            }
        }
        return tables
    }()
}
