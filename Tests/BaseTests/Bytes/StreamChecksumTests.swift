import TestSupport
import Testing

@testable import MigrationKitBase

/// SHA-256 by FIPS 180-4, with size and CRC32C of the same bytes.
@Suite struct StreamChecksumTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func digestIsThePublishedOne(text: String, digest: String) {
        for chunking in [Chunking.whole, .every(1), .every(7)] {
            let checksum = checksum(Array(text.utf8), chunking)
            #expect(checksum.sha256 == digest)
            #expect(checksum.size == text.utf8.count)
        }
    }

    @Test func millionLettersInChunks() {
        let checksum = checksum([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000), .every(65_537))
        #expect(checksum.sha256 == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(checksum.size == 1_000_000)
    }

    @Test func crcIsThatOfTheSameBytes() {
        #expect(checksum(Array("123456789".utf8), .every(4)).crc32c == 0xE306_9283)
    }

    @Test func digestMayBeReadOnTheWay() {
        var checksum = StreamChecksum()
        Array("a".utf8).withUnsafeBytes { checksum.update($0) }
        _ = checksum.sha256
        Array("bc".utf8).withUnsafeBytes { checksum.update($0) }
        #expect(checksum.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    private func checksum(_ bytes: [UInt8], _ chunking: Chunking) -> StreamChecksum {
        var checksum = StreamChecksum()
        chunking.forEachChunk(of: bytes) { checksum.update($0) }
        return checksum
    }
}
