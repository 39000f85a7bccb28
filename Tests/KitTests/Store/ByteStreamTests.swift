import NIOCore
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A stream of chunks is pulled, one at a time.
@Suite struct ByteStreamTests {
    private struct Failure: Error {}

    @Test func chunksComeInOrderAndNoneIsPulledAhead() async throws {
        let pulled = Mutex(0)
        let stream = ByteStream {
            let count = pulled.withLock { count in
                count += 1
                return count
            }
            return count <= 3 ? ByteBuffer(integer: UInt8(count)) : nil
        }
        let iterator = stream.makeAsyncIterator()
        for expected in 1...3 {
            #expect(try await iterator.next() == ByteBuffer(integer: UInt8(expected)))
            #expect(pulled.withLock { $0 } == expected)
        }
        #expect(try await iterator.next() == nil)
    }

    @Test func failureOfTheSourceIsThrown() async throws {
        let stream = ByteStream { throw Failure() }
        await #expect(throws: Failure.self) {
            for try await _ in stream { Issue.record("a chunk came") }
        }
    }

    @Test func onceIsOneChunk() async throws {
        var chunks: [ByteBuffer] = []
        for try await chunk in ByteStream.once(ByteBuffer(string: "all of it")) { chunks.append(chunk) }
        #expect(chunks == [ByteBuffer(string: "all of it")])
    }

    @Test func watchTakesTheChecksumOfWhatPasses() async throws {
        let watch = ChecksumWatch()
        var passed = ""
        for try await chunk in watch.watching(ByteStream.once(ByteBuffer(string: "123456789"))) {
            passed += String(buffer: chunk)
        }
        #expect(passed == "123456789")
        let object = await watch.object(named: "primary.sql")
        #expect(object.name == "primary.sql")
        #expect(object.size == 9)
        #expect(object.crc32c == "4waSgw==")
    }
}
