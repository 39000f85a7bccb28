import NIOCore
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A stream is cut into the same parts however it comes.
@Suite struct UploadPartTests {
    private func parts(
        _ bytes: [UInt8], of size: Int64, keepsBytes: Bool, _ chunking: Chunking = .whole
    ) -> [UploadPart] {
        let again: @Sendable (Range<Int64>) async throws -> ByteStream = { range in
            .once(ByteBuffer(bytes: bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
        }
        var cutter = PartCutter(partSize: size, reread: keepsBytes ? nil : again, buffers: BufferPool())
        var parts: [UploadPart] = []
        for range in chunking.ranges(of: bytes.count) {
            var chunk = ByteBuffer(bytes: bytes[range])
            while let part = cutter.next(from: &chunk) { parts.append(part) }
            #expect(chunk.readableBytes == 0)
        }
        if let part = cutter.last() { parts.append(part) }
        return parts
    }

    @Test(arguments: [0, 1, 99, 100, 101, 1000, 1234])
    func chunksMakeNoDifference(count: Int) async throws {
        let bytes = TestBytes.random(count)
        for chunking in [Chunking.whole, .every(1), .every(7), .every(100), .every(250), .random(seed: UInt64(count))] {
            let parts = parts(bytes, of: 100, keepsBytes: true, chunking)
            #expect(parts.map(\.number) == Array(1..<1 + (count + 99) / 100))
            #expect(parts.map(\.offset) == parts.indices.map { Int64($0) * 100 })
            #expect(parts.dropLast().allSatisfy { $0.size == 100 })
            for part in parts {
                let expected = Array(bytes[Int(part.offset)..<Int(part.offset + part.size)])
                for _ in 0..<2 { #expect(try await part.stream().collect() == expected, "\(chunking)") }
                var crc = CRC32C()
                expected.withUnsafeBytes { crc.update($0) }
                #expect(part.crc32c == crc.value)
            }
            let joined = parts.reduce(UInt32(0)) { CRC32C.joined($0, $1.crc32c, count: $1.size) }
            var whole = CRC32C()
            bytes.withUnsafeBytes { whole.update($0) }
            #expect(joined == whole.value)
        }
    }

    @Test func partsThatCanBeHadAgainAreNotHeld() async throws {
        let bytes = TestBytes.random(1000)
        let parts = parts(bytes, of: 100, keepsBytes: false, .every(30))
        #expect(parts.count == 10 && parts.allSatisfy { $0.heldBytes == 0 })
        #expect(try await parts[3].stream().collect() == Array(bytes[300..<400]))
    }

    @Test(arguments: [true, false])
    func tenThousandPartsCoverWhateverIsExpected(isHeld: Bool) {
        let (sizes, mebibyte) = (TransferSizes(), Int64(1 << 20))
        let expectations: [Int64?] = [nil, 0, 1, 5, 300_000, 316_800, 5 << 20]
        for expected in expectations.map({ $0.map { $0 * mebibyte } }) {
            for chosen in [1, 5 * mebibyte, 8 * mebibyte, 32 * mebibyte, 256 * mebibyte] {
                let size = sizes.partSize(for: expected, chosen: chosen, isHeld: isHeld)
                // A rewrite makes the object a little longer than the file.
                let longest = (expected ?? 0) + (expected ?? 0) / 200
                #expect(size * Int64(MultipartUpload.partLimit) > longest)
                #expect(size >= sizes.smallestPart && size <= 5 << 30)
                #expect(isHeld || size >= chosen)
                let needed = max(sizes.smallestPart, (expected ?? 0) / 9900 + mebibyte)
                #expect(size <= max(isHeld ? 0 : chosen, needed))
            }
        }
    }
}
