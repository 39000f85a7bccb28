import TestSupport
import Testing

@testable import MigrationKitBase

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
        #expect(crc(bytes, .whole, fromTables: true) == checksum)
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
            #expect(crc(bytes, chunking, fromTables: true) == ~expected)
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

    @Test(arguments: [0, 1, 7, 8, 4096, 99_999, 100_000])
    func joinedChecksumsAreThoseOfTheWhole(cut: Int) {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ $0 >> 8) }
        let (first, second) = (Array(bytes.prefix(cut)), Array(bytes.dropFirst(cut)))
        let joined = CRC32C.joined(crc(first, .whole), crc(second, .whole), count: Int64(second.count))
        #expect(joined == crc(bytes, .whole))
    }

    @Test func joinsStretchesOfAnyLength() {
        // 2^33 zeros behind a stretch are 2^32 zeros twice; the numbers are not to be had by reading so many bytes.
        let once = CRC32C.joined(0xE306_9283, 0, count: 1 << 32)
        #expect(CRC32C.joined(once, 0, count: 1 << 32) == CRC32C.joined(0xE306_9283, 0, count: 1 << 33))
        #expect(CRC32C.joined(0, 0xE306_9283, count: 5 << 40) == 0xE306_9283)
    }

    private func crc(_ bytes: [UInt8], _ chunking: Chunking, fromTables: Bool = false) -> UInt32 {
        var crc = CRC32C()
        chunking.forEachChunk(of: bytes) { chunk in
            if fromTables, let base = chunk.baseAddress {
                crc.updateFromTables(chunk, base)
            } else {
                crc.update(chunk)
            }
        }
        return crc.value
    }
}
