import TestSupport
import Testing

@testable import MigrationKitBase

/// The checksum is the one that `cksum` prints.
@Suite struct PosixChecksumTests {
    private static let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * $0 + $0 * 7) }

    private static let known: [([UInt8], UInt32)] = [
        ([], 4_294_967_295), (Array("123456789".utf8), 930_766_865), (long, 671_393_725),
    ]

    @Test(arguments: known)
    func valueIsThatOfCksum(bytes: [UInt8], value: UInt32) {
        for chunking in [Chunking.whole, .every(1), .every(13), .random(seed: 2)] {
            var checksum = PosixChecksum()
            chunking.forEachChunk(of: bytes) { checksum.update($0) }
            #expect(checksum.value == value)
            #expect(checksum.size == Int64(bytes.count))
        }
    }
}
