import NIOCore
import Subprocess
import TestSupport
import Testing

@testable import MigrationKitBase

/// What is compressed is what others unpack, and the other way round.
@Suite struct GzipTests {
    private static let block = GzipCompressor.blockSize

    private func gzip(_ option: String, _ input: [UInt8]) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .name("gzip"), arguments: [option], input: .array(input), output: .bytes(limit: 64 << 20),
            error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
        return result.standardOutput
    }

    private func compressed(_ bytes: [UInt8], _ chunking: Chunking = .whole, level: Int32 = 1) async throws -> [UInt8] {
        try await Gzip.compressed(.of(bytes, chunking), level: level).collect()
    }

    private func decompressed(_ gzip: [UInt8], _ chunking: Chunking = .whole) async throws -> [UInt8] {
        try await Gzip.decompressed(.of(gzip, chunking), name: "primary.sql.gz").collect()
    }

    static let sizes = [0, 1, 100, block - 1, block, block + 1, 3 * block, 3 * block + 12_345]

    @Test(arguments: sizes)
    func gzipUnpacksWhatWasCompressed(size: Int) async throws {
        for bytes in [TestBytes.random(size), TestBytes.rows(size)] {
            let packed = try await compressed(bytes)
            // Not compared by #expect, which would print them.
            let same = try await gzip("-dc", packed) == bytes
            #expect(same)
            #expect(try await gzip("-t", packed) == [])
            let ours = try await decompressed(packed) == bytes
            #expect(ours)
        }
    }

    @Test func whatGzipCompressedIsUnpacked() async throws {
        let bytes = TestBytes.rows(2_000_000)
        for level in ["-1", "-9"] {
            let same = try await decompressed(gzip(level, bytes)) == bytes
            #expect(same)
        }
        #expect(try await decompressed(gzip("-c", [])) == [])
    }

    @Test func allIsOneMember() async throws {
        let size = 2 * Self.block + 77
        let packed = try await compressed(TestBytes.rows(size))
        // A member ends in its own length.
        #expect(packed.suffix(4) == [UInt8(size & 0xFF), UInt8(size >> 8 & 0xFF), UInt8(size >> 16 & 0xFF), 0])
        #expect(packed.prefix(10) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3])
    }

    @Test func chunksOfTheInputDoNotShow() async throws {
        let bytes = TestBytes.rows(Self.block + 50_000)
        let whole = try await compressed(bytes)
        let chunkings: [Chunking] = [
            .every(1000), .every(512 << 10), .every(Self.block), .cut(1), .cut(0), .cut(Self.block), .random(seed: 3),
        ]
        for chunking in chunkings {
            let same = try await compressed(bytes, chunking) == whole
            #expect(same, "\(chunking)")
        }
    }

    @Test func chunksOfTheGzipDoNotShow() async throws {
        let bytes = TestBytes.rows(100_000)
        let packed = try await compressed(bytes)
        for chunking in [Chunking.every(1), .every(7), .cut(10), .cut(packed.count - 1), .random(seed: 5)] {
            let same = try await decompressed(packed, chunking) == bytes
            #expect(same, "\(chunking)")
        }
    }

    @Test func blocksLookBackAtTheOneBefore() async throws {
        // What repeats across a block's border, in what does not repeat otherwise.
        let noise = TestBytes.random(30_000)
        let before = TestBytes.random(Self.block - noise.count)
        let alone = try await compressed(before + noise).count
        let repeated = try await compressed(before + noise + noise).count
        #expect(repeated - alone < 1000)
    }

    @Test func higherLevelsMakeLess() async throws {
        let bytes = TestBytes.rows(300_000)
        let sizes = [try await compressed(bytes).count, try await compressed(bytes, level: 9).count]
        #expect(sizes[0] > sizes[1] && sizes[0] < bytes.count / 3, "\(sizes)")
        let same = try await decompressed(compressed(bytes, level: 9)) == bytes
        #expect(same)
    }

    @Test func membersBehindEachOtherAreAllRead() async throws {
        let (one, two) = (TestBytes.rows(1000), TestBytes.random(1000))
        let packed = try await compressed(one) + gzip("-c", []) + gzip("-c", two)
        for chunking in [Chunking.whole, .every(1), .every(100)] {
            #expect(try await decompressed(packed, chunking) == one + two)
        }
        #expect(try await gzip("-dc", packed) == one + two)
    }

    @Test func sampleTellsWhatIsGained() {
        let rows = Gzip.sample(ByteBuffer(bytes: TestBytes.rows(500_000)))
        #expect(rows.ratio > 3)
        #expect(rows.bytesPerSecondPerCore > 0)
        let noise = Gzip.sample(ByteBuffer(bytes: TestBytes.random(100_000)))
        #expect(noise.ratio > 0.99 && noise.ratio < 1)
    }
}
