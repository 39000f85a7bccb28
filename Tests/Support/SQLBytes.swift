/// Bytes that print as text, for exact comparisons of what need not be UTF-8.
package struct SQLBytes: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    package var bytes: [UInt8]

    package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(stringLiteral text: String) { self.init(text) }

    package var description: String { String(reflecting: String(decoding: bytes, as: UTF8.self)) }
}

/// How a dump is cut into the chunks it arrives in.
package enum Chunking: Sendable {
    case whole
    /// Chunks of this many bytes.
    case every(Int)
    /// Two chunks: this many bytes, then the rest.
    case cut(Int)
    /// Chunks of random lengths, some of them empty.
    case random(seed: UInt64)

    package func ranges(of count: Int) -> [Range<Int>] {
        switch self {
        case .whole: return [0..<count]
        case .every(let size): return stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
        case .cut(let position): return [0..<position, position..<count]
        case .random(let seed):
            var random = SeededRandom(seed: seed)
            var ranges: [Range<Int>] = []
            var start = 0
            while start < count {
                let end = min(count, start + Int.random(in: 0...40, using: &random))
                ranges.append(start..<end)
                start = end
            }
            return ranges
        }
    }

    /// Calls `body` with each chunk of the bytes, in order.
    package func forEachChunk(of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { buffer in
            for range in ranges(of: buffer.count) { try body(UnsafeRawBufferPointer(rebasing: buffer[range])) }
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
