import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationKitBase

/// Compressing and unpacking take little memory, pass failures on and stop when they are to.
@Suite struct GzipFlowTests {
    private struct Failure: Error {}

    /// So many megabytes of zeros, and how many of them were asked for.
    private final class Zeros: Sendable {
        let pulled = Mutex(0)
        let count: Int

        init(megabytes count: Int) { self.count = count }

        var stream: ByteStream {
            let chunk = ByteBuffer(repeating: 0, count: 1 << 20)
            return ByteStream {
                self.pulled.withLock { pulled in
                    guard pulled < self.count else { return nil }
                    pulled += 1
                    return chunk
                }
            }
        }
    }

    @Test func noMoreIsReadThanCoresCanWorkOn() async throws {
        let zeros = Zeros(megabytes: 1000)
        let iterator = Gzip.compressed(zeros.stream).makeAsyncIterator()
        for taken in 0..<10 {
            _ = try await iterator.next()
            #expect(zeros.pulled.withLock { $0 } <= taken + GzipCompressor.blocksInFlight)
        }
    }

    @Test func bombComesInSmallChunks() async throws {
        let bomb = try await Gzip.compressed(Zeros(megabytes: 200).stream).collect()
        #expect(bomb.count < 1_000_000)
        var size = 0
        for try await chunk in Gzip.decompressed(.of(bomb), name: "primary.sql.gz") {
            #expect(chunk.readableBytes == ByteBuffer.chunkSize && chunk.storageCapacity == ByteBuffer.chunkSize)
            size += chunk.readableBytes
        }
        #expect(size == 200 << 20)
    }

    @Test func failureOfTheSourceIsThrownAsItIs() async throws {
        let packed = try await Gzip.compressed(.of(TestBytes.rows(5000))).collect()
        for wrap in [{ Gzip.compressed($0) }, { Gzip.decompressed($0, name: "x") }] as [(ByteStream) -> ByteStream] {
            let chunks = ByteStream.of(packed, .every(100)).makeAsyncIterator()
            let left = Mutex(3)
            let failing = ByteStream {
                let isOver = left.withLock { left in
                    left -= 1
                    return left < 0
                }
                guard !isOver else { throw Failure() }
                return try await chunks.next()
            }
            await #expect(throws: Failure.self) { _ = try await wrap(failing).collect() }
        }
    }

    @Test func cancelledReaderIsToldAndNothingMoreIsRead() async throws {
        let zeros = Zeros(megabytes: .max)
        let reading = Task { for try await _ in Gzip.compressed(zeros.stream) {} }
        try await waitUntil("five pieces that are read") { zeros.pulled.withLock { $0 } >= 5 }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        let pulled = zeros.pulled.withLock { $0 }
        try await Task.sleep(for: .milliseconds(50))
        #expect(zeros.pulled.withLock { $0 } == pulled)
    }

    @Test func cancelledUnpackingIsTold() async throws {
        let packed = try await Gzip.compressed(Zeros(megabytes: 1).stream).collect()
        let endless = ByteStream { ByteBuffer(bytes: packed) }
        let reading = Task { for try await _ in Gzip.decompressed(endless, name: "x") {} }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }

    @Test func compressorThatNobodyReadsIsGone() async throws {
        weak var gone: GzipCompressor?
        do {
            let compressor = GzipCompressor(Zeros(megabytes: 100).stream, level: 1)
            gone = compressor
            for _ in 0..<3 { _ = try await compressor.next() }
        }
        #expect(gone == nil)
    }
}
