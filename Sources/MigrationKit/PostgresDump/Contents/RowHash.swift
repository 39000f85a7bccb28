/// MurmurHash3 x64, 128 bits, seed 0, of one row's COPY text.
///
/// Published, with public test vectors, so that anyone can check a digest with a program of their own. It finds
/// accidents, not forgers: against those stand the SHA-256 of each object and the rights on the bucket.
struct RowHash {
    private var h1: UInt64 = 0
    private var h2: UInt64 = 0
    private var length = 0
    /// Bytes of a block that the last fragment has left open.
    private var block: (UInt64, UInt64) = (0, 0)

    private static let c1: UInt64 = 0x87c3_7b91_1142_53d5
    private static let c2: UInt64 = 0x4cf5_ad43_2745_937f

    /// The hash of bytes that are there whole.
    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
        var state = RowHash()
        state.mixBlocks(bytes)
        let rest = bytes.count & 15
        state.loadTail(bytes, from: bytes.count - rest, count: rest)
        state.length = bytes.count
        return state.finalized(tail: rest)
    }

    /// Takes more of a row that comes in fragments.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        let open = length & 15
        length += bytes.count
        if open > 0 {
            let missing = min(16 - open, rest.count)
            withUnsafeMutableBytes(of: &block) { block in
                for index in 0..<missing { block[open + index] = rest[index] }
            }
            guard open + missing == 16 else { return }
            withUnsafeBytes(of: block) { mixBlocks($0) }
            block = (0, 0)
            rest = rest[rebased: missing..<rest.count]
        }
        mixBlocks(rest)
        let tail = rest.count & 15
        loadTail(rest, from: rest.count - tail, count: tail)
    }

    /// The hash of all fragments so far.
    func finalize() -> UInt128 { finalized(tail: length & 15) }

    @inline(__always)
    private mutating func mixBlocks(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        let end = bytes.count & ~15
        var h1 = self.h1
        var h2 = self.h2
        while offset < end {
            let k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let k2 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
            h1 ^= Self.rotate(k1 &* Self.c1, 31) &* Self.c2
            h1 = (Self.rotate(h1, 27) &+ h2) &* 5 &+ 0x52dc_e729
            h2 ^= Self.rotate(k2 &* Self.c2, 33) &* Self.c1
            h2 = (Self.rotate(h2, 31) &+ h1) &* 5 &+ 0x3849_5ab5
            offset &+= 16
        }
        self.h1 = h1
        self.h2 = h2
    }

    @inline(__always)
    private mutating func loadTail(_ bytes: UnsafeRawBufferPointer, from start: Int, count: Int) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var index = 0
        if count >= 8 {
            low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
            index = 8
        }
        while index < count {
            let byte = UInt64(bytes[start &+ index])
            if index < 8 { low |= byte &<< (UInt64(index) &* 8) } else { high |= byte &<< (UInt64(index &- 8) &* 8) }
            index &+= 1
        }
        block = (low.littleEndian, high.littleEndian)
    }

    @inline(__always)
    private func finalized(tail: Int) -> UInt128 {
        var h1 = self.h1
        var h2 = self.h2
        if tail > 8 { h2 ^= Self.rotate(UInt64(littleEndian: block.1) &* Self.c2, 33) &* Self.c1 }
        if tail > 0 { h1 ^= Self.rotate(UInt64(littleEndian: block.0) &* Self.c1, 31) &* Self.c2 }
        h1 ^= UInt64(length)
        h2 ^= UInt64(length)
        h1 &+= h2
        h2 &+= h1
        h1 = Self.avalanche(h1)
        h2 = Self.avalanche(h2)
        h1 &+= h2
        h2 &+= h1
        return UInt128(h1) << 64 | UInt128(h2)
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value &<< bits | value &>> (64 &- bits)
    }

    @inline(__always)
    private static func avalanche(_ value: UInt64) -> UInt64 {
        var k = value
        k ^= k &>> 33
        k = k &* 0xff51_afd7_ed55_8ccd
        k ^= k &>> 33
        k = k &* 0xc4ce_b9fe_1a85_ec53
        k ^= k &>> 33
        return k
    }
}
