import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// MurmurHash3 x64 128 with seed 0. The digests are those of two other implementations.
@Suite struct RowHashTests {
    @Test(arguments: [
        ("", "00000000000000000000000000000000"),
        ("a", "85555565f6597889e6b53a48510e895a"),
        ("hello", "cbd8a7b341bd9b025b1e906a48ae1d19"),
        ("12345678", "3b4a640638b1419c913b0e676bd42557"),
        ("123456789", "3c84645edb66cca499f8fac73a1ea105"),
        ("0123456789abcdef", "4be06d94cf4ad1a787c35b5c63a708da"),
        ("0123456789abcdefg", "8e32612daa45f9de0800f4c206c372ee"),
        ("The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c7a433ca9c49a9347"),
        ("The quick brown fox jumps over the lazy cog", "658ca970ff85269a43fee3eaa68e5c3e"),
        ("naïve 👩‍👩‍👧", "7525576b0ac9927dcbadad738164adba"),
    ])
    func digestIsThePublishedOne(text: String, digest: String) {
        #expect(hex(Array(text.utf8)) == digest)
    }

    @Test func everyByteValueCounts() {
        #expect(hex(Array(0...255)) == "1c99c313dc6f12b970d6077fab34cc1e")
    }

    @Test(arguments: 0...70)
    func fragmentsInAnyCutEqualTheWhole(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        let whole = bytes.withUnsafeBytes { RowHash.hash($0) }
        for cut in 0...length { #expect(hash(bytes, .cut(cut)) == whole) }
        for size in 1...20 { #expect(hash(bytes, .every(size)) == whole) }
        for seed in 0..<10 as Range<UInt64> { #expect(hash(bytes, .random(seed: seed)) == whole) }
    }

    @Test func everyBitCounts() {
        let bytes = [UInt8](repeating: 0x5A, count: 41)
        var hashes: Set<UInt128> = [bytes.withUnsafeBytes { RowHash.hash($0) }]
        for bit in 0..<bytes.count * 8 {
            var altered = bytes
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            hashes.insert(altered.withUnsafeBytes { RowHash.hash($0) })
        }
        #expect(hashes.count == bytes.count * 8 + 1)
    }

    @Test func trailingZeroBytesCount() {
        let hashes = (0...40).map { count in [UInt8](repeating: 0, count: count).withUnsafeBytes { RowHash.hash($0) } }
        #expect(Set(hashes).count == hashes.count)
    }

    private func hash(_ bytes: [UInt8], _ chunking: Chunking) -> UInt128 {
        var hash = RowHash()
        chunking.forEachChunk(of: bytes) { hash.update($0) }
        return hash.finalize()
    }

    private func hex(_ bytes: [UInt8]) -> String {
        let digits = String(bytes.withUnsafeBytes { RowHash.hash($0) }, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
