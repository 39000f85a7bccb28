import FakeGoogle
import NIOCore
import Synchronization
import Testing

@testable import MigrationKit

/// Whatever happens to a part, the object arrives, and no other part is sent again.
@Suite(.serialized, .timeLimit(.minutes(30))) struct PartFaultTests {
    @Test func outageOfAPartIsTriedAgain() async throws {
        try await GoogleBucket.with { bucket in
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.part(3), .status(status)) }
            try await bucket.putWell(.threeParts)
            #expect(bucket.timesSent(1...3) == [1, 1, 7])
            #expect(bucket.told.count == 6)
            #expect(bucket.told.allSatisfy { $0.hasPrefix("part 3 of a.sql: ") && $0.contains("Trying again in ") })
        }
    }

    @Test(arguments: [429, 503])
    func serverIsLeftAloneForAsLongAsItSays(status: Int) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .status(status, retryAfter: 1))
            let time = try await ContinuousClock().measure { try await bucket.putWell(.small) }
            #expect(time >= .seconds(1))
        }
    }

    @Test func connectionThatBreaksCostsItsPartAlone() async throws {
        try await GoogleBucket.with(sizes: .real) { bucket in
            let part = TransferSizes.real.smallestPart
            for bytes in [0, 1_000_000, part] { bucket.fake.fault(.part(2), .reset(afterBytes: bytes)) }
            for bytes in [0, 500, 1000] as [Int64] { bucket.fake.fault(.part(3), .reset(afterBytes: bytes)) }
            try await bucket.putWell(.threeRealParts)
            #expect(bucket.timesSent(1...3) == [1, 4, 4])
        }
    }

    @Test func answerBeforeTheBodyHasComeIsAnAnswer() async throws {
        try await GoogleBucket.with(sizes: .real) { bucket in
            for bytes in [0, 1_000_000] as [Int64] {
                bucket.fake.fault(.part(2), .earlyStatus(503, afterBytes: bytes))
                bucket.fake.fault(.part(2), .earlyStatus(408, afterBytes: bytes))
            }
            try await bucket.putWell(.threeRealParts)
            #expect(bucket.timesSent(1...3) == [1, 5, 1])
        }
    }

    @Test func connectionThatStandsStillIsGivenUp() async throws {
        try await GoogleBucket.with(sizes: .real) {
            $0.parallelParts = 3
        } body: { bucket in
            bucket.fake.fault(.part(1), .stall())
            bucket.fake.fault(.part(2), .stall(afterBytes: 1 << 20))
            bucket.fake.fault(.part(3), .stall(afterBytes: 1000))
            try await bucket.passing(stalls: 3) { try await bucket.putWell(.threeRealParts) }
            #expect(bucket.timesSent(1...3) == [2, 2, 2])
            #expect(bucket.told.contains { $0.contains("no data was sent or received for ") })
        }
    }

    @Test func answerThatIsLostOrWrongIsNotBelieved() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(3), .lostAnswer)
            bucket.fake.fault(.part(3), .wrongChecksum)
            bucket.fake.fault(.part(3), .header("ETag", nil))
            bucket.fake.fault(.part(3), .header("ETag", ""))
            bucket.fake.fault(.part(3), .errorInSuccess())
            bucket.fake.fault(.part(3), .answer("<html>"))
            try await bucket.putWell(.threeParts)
            #expect(bucket.timesSent(1...3) == [1, 1, 7])
            #expect(bucket.told.contains { $0.contains("sent no ETag for what it stored") })
            #expect(bucket.told.contains { $0.contains("checksum differs from that of the data sent") })
        }
    }

    @Test func answerWithoutAChecksumIsEnoughForAPart() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(3), .header("x-goog-hash", nil))
            try await bucket.putWell(.threeParts)
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test func partIsSentWithANewTokenWhereTheOldIsRefused() async throws {
        try await GoogleBucket.with(needsToken: true) { bucket in
            bucket.fake.fault(.part(3), .unauthorized)
            try await bucket.putWell(.threeParts)
            #expect(bucket.timesSent(1...3) == [1, 1, 2])
            #expect(bucket.fake.grants.count == 2)
            #expect(bucket.told == [])
        }
    }

    @Test func progressCountsAPartThatIsSentTwiceOnce() async throws {
        try await GoogleBucket.with(needsToken: true) { bucket in
            bucket.fake.fault(.part(2), .unauthorized)
            bucket.fake.fault(.part(3), .status(503))
            let payload = Payload.threeParts
            let progress = Mutex<[Int64]>([])
            _ = try await bucket.store.put(
                "a.sql",
                ObjectUpload(stream: payload.stream, reread: { payload.stream($0) }) { bytes in
                    progress.withLock { $0.append(bytes) }
                })
            let told = progress.withLock { $0 }
            #expect(told.max() == payload.size && told.last == payload.size)
            bucket.holds(payload)
        }
    }
}
