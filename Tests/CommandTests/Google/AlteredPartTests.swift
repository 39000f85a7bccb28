import FakeGoogle
import NIOCore
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Parts whose bytes are not those that were read first.
@Suite(.serialized, .timeLimit(.minutes(30))) struct AlteredPartTests {
    /// Gives the third part's bytes altered, so often.
    private func put(_ bucket: GoogleBucket, alteredReads: Int) async throws -> ObjectStatus {
        let payload = Payload.threeParts
        let left = Mutex(alteredReads)
        return try await bucket.store.put(
            "a.sql",
            ObjectUpload(
                stream: payload.stream,
                reread: { range in
                    let isAltered = left.withLock { left in
                        guard range.lowerBound == 2 * Payload.part, left > 0 else { return false }
                        left -= 1
                        return true
                    }
                    return isAltered ? .once(ByteBuffer(repeating: 0, count: range.count)) : payload.stream(range)
                }))
    }

    @Test func partThatIsAlteredOnItsWayIsSentAgain() async throws {
        try await GoogleBucket.with { bucket in
            let status = try await put(bucket, alteredReads: 3)
            #expect(status == Payload.threeParts.status)
            #expect(bucket.timesSent(1...3) == [1, 1, 4])
            bucket.holds(.threeParts)
        }
    }

    @Test func partThatStaysAlteredIsAnError() async throws {
        try await GoogleBucket.with { bucket in
            let error = try await #require(throws: MigrationError.self) {
                _ = try await put(bucket, alteredReads: .max)
            }
            #expect(error.message.contains("doesn't match calculated CRC32C") && error.next != nil)
            #expect(bucket.timesSent(3...3) == [4])
            #expect(bucket.fake.objectNames(in: "bucket") == [])
            bucket.leavesNothing()
        }
    }

    private struct Unreadable: Error {}

    @Test(arguments: [false, true])
    func sourceThatCannotBeReadAgainIsNotTheNetworks(failsAtOnce: Bool) async throws {
        try await GoogleBucket.with { bucket in
            let payload = Payload.threeParts
            await #expect(throws: Unreadable.self) {
                _ = try await bucket.store.put(
                    "a.sql",
                    ObjectUpload(
                        stream: payload.stream,
                        reread: { _ in
                            if failsAtOnce { throw Unreadable() }
                            return ByteStream { throw Unreadable() }
                        }))
            }
            #expect(bucket.told == [])
            bucket.leavesNothing()
        }
    }
}
