import Testing

@testable import MigrationKit

/// CRC32C by RFC 3720, appendix B.4, and by the catalogue of CRC algorithms.
@Suite struct CRC32CTests {
    private static let readCommand: [UInt8] = [
        0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0,
        0x18,
        0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
    ]

    @Test(
        arguments: [
            ([], 0), (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
            (Array((0..<32).reversed()), 0x113F_DB5C), (readCommand, 0xD996_3A56), (Array("a".utf8), 0xC1D0_4330),
        ] as [([UInt8], UInt32)])
    func checksumIsThePublishedOne(bytes: [UInt8], checksum: UInt32) {
        #expect(crc(bytes, .whole) == checksum)
    }

    @Test func anyChunksGiveTheSame() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
        let whole = crc(bytes, .whole)
        for cut in 0...bytes.count { #expect(crc(bytes, .cut(cut)) == whole) }
        for size in 1...40 { #expect(crc(bytes, .every(size)) == whole) }
    }

    /// Long enough for whatever is done to many bytes at once, with less than that before and behind it.
    @Test(arguments: [4095, 4096, 12_287, 12_288, 12_289, 24_576, 40_000])
    func longBytesGiveWhatBitByBitGives(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        var expected: UInt32 = ~0
        for byte in bytes {
            expected ^= UInt32(byte)
            for _ in 0..<8 { expected = expected & 1 == 1 ? expected >> 1 ^ 0x82F6_3B78 : expected >> 1 }
        }
        for chunking in [Chunking.whole, .cut(1), .cut(count - 5), .every(12_300), .every(4096), .every(999)] {
            #expect(crc(bytes, chunking) == ~expected)
        }
    }

    @Test func unalignedBytesGiveTheSame() {
        let bytes = (0..<100).map { UInt8($0) }
        for offset in 0..<17 {
            let padded = [UInt8](repeating: 0xEE, count: offset) + bytes
            padded.withUnsafeBytes { buffer in
                var crc = CRC32C()
                crc.update(UnsafeRawBufferPointer(rebasing: buffer[offset...]))
                #expect(crc.value == self.crc(bytes, .whole))
            }
        }
    }

    @Test func valueMayBeReadOnTheWay() {
        var crc = CRC32C()
        Array("1234".utf8).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == self.crc(Array("1234".utf8), .whole))
        Array("56789".utf8).withUnsafeBytes { crc.update($0) }
        #expect(crc.value == 0xE306_9283)
    }

    private func crc(_ bytes: [UInt8], _ chunking: Chunking) -> UInt32 {
        var crc = CRC32C()
        chunking.forEachChunk(of: bytes) { crc.update($0) }
        return crc.value
    }
}
