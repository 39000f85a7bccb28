import FakeGoogle
import NIOCore
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// How long is tried again, how much is on its way at once, and how fast.
@Suite(.serialized, .timeLimit(.minutes(30))) struct UploadBoundsTests {
    private static let patience = Duration.milliseconds(600)

    // MARK: Patience

    @Test(arguments: [Payload.small, .threeParts])
    func serverThatIsAlwaysBusyIsGivenUpAfterThePatience(payload: Payload) async throws {
        try await GoogleBucket.with(patience: Self.patience) { bucket in
            bucket.fake.fault(FaultRule(times: .max, .status(503)) { $0.operation != .abort })
            let start = ContinuousClock.now
            let error = try await bucket.refused(payload)
            #expect(ContinuousClock.now - start >= Self.patience)
            #expect(error.message.contains("503 ") && error.message.contains("Gave up after"))
            #expect(error.next?.contains("run the same command again") == true)
            #expect(bucket.fake.requests.count > 1)
        }
    }

    @Test func partThatIsAlwaysRefusedIsGivenUpAndNothingIsLeft() async throws {
        // One after the other: the last has all of the patience, however long the others took.
        try await GoogleBucket.with(patience: Self.patience) {
            $0.parallelParts = 1
        } body: { bucket in
            bucket.fake.fault(.part(3), times: .max, .status(503))
            let error = try await bucket.refused(.threeParts)
            #expect(error.message.hasPrefix("part 3 of a.sql: 503 "))
            #expect(bucket.timesSent(1...2) == [1, 1])
            bucket.leavesNothing()
        }
    }

    @Test func serverThatIsNotThereIsNamed() async throws {
        try await GoogleBucket.with(patience: Self.patience) { bucket in
            await bucket.fake.stop()
            let start = ContinuousClock.now
            let error = try await bucket.refused(.small)
            #expect(ContinuousClock.now - start >= Self.patience)
            #expect(error.message.contains("cannot connect to 127.0.0.1: connection refused"))
            #expect(error.next != nil)
        }
    }

    @Test func serverThatStandsStillIsGivenUp() async throws {
        try await GoogleBucket.with(patience: Self.patience) {
            $0.stallLimit = .milliseconds(200)
        } body: { bucket in
            bucket.fake.fault(FaultRule(times: .max, .stall()) { _ in true })
            let start = ContinuousClock.now
            let error = try await bucket.refused(.small)
            #expect(ContinuousClock.now - start >= Self.patience)
            #expect(error.message.contains("no data was sent or received for 0.20 s") && error.next != nil, "\(error)")
        }
    }

    @Test func partsThatGetThroughProlongThePatienceWithOneThatDoesNot() async throws {
        var options = FakeGoogleStorage.Options()
        // All of it takes longer than the patience, and one part so much less that a busy machine does not matter.
        options.latency = .milliseconds(2500)
        try await GoogleBucket.with(options, patience: .seconds(10)) {
            $0.parallelParts = 2
        } body: { bucket in
            let isFixed = Atomic(false)
            let refused = FaultRule(times: .max, .status(503)) { request in
                request.operation == .part(1) && !isFixed.load(ordering: .relaxed)
            }
            bucket.fake.fault(refused)
            async let put: Void = bucket.putWell(Payload(6 * Int(Payload.part)))
            try await bucket.fake.waitUntil { $0.requests(for: .part(6)).contains { $0.isOver } }
            isFixed.store(true, ordering: .relaxed)
            try await put
            #expect(bucket.timesSent(2...6) == [1, 1, 1, 1, 1])
            #expect(bucket.timesSent(1...1)[0] > 3)
        }
    }

    // MARK: Side by side

    @Test(arguments: [1, 3])
    func soManyPartsAreOnTheirWayAndNoMore(parts: Int) async throws {
        try await GoogleBucket.with {
            $0.parallelParts = parts
        } body: { bucket in
            bucket.fake.fault(.anyPart(times: parts, .stall()))
            let payload = Payload(4 * Int(Payload.part) + 1)
            async let put: Void = bucket.putWell(payload)
            try await bucket.fake.waitUntil { $0.stalled == parts }
            bucket.fake.releaseStalls()
            try await put
            #expect(bucket.fake.record.peakOpenParts == parts)
        }
    }

    @Test func partsThatAreHeldAreSmallerAndArriveAsWell() async throws {
        try await GoogleBucket.with {
            $0.partSize = 6 * Payload.part
        } body: { bucket in
            bucket.fake.fault(.part(2), .reset(afterBytes: Payload.part / 5))
            bucket.fake.fault(.part(2), .status(503))
            try await bucket.putWell(.threeParts, isHeld: true)
            #expect(bucket.fake.bytesReceived(part: 1, of: "a.sql") == [Payload.part])
            #expect(bucket.timesSent(1...2) == [1, 3])
        }
    }

    @Test func fewerPartsAreHeldAtOnceWhereTheyAreLarge() async throws {
        try await GoogleBucket.with { bucket in
            // As if 310 GiB might come: parts of 33 steps, of which two would not stay under 30.
            let step = TransferSizes.small.partStep
            let payload = Payload(33 * Int(step) + 1)
            var upload = ObjectUpload(stream: payload.stream)
            upload.expectedSize = Int64(MultipartUpload.partLimit - 100) * 32 * step
            let status = try await bucket.store.put("a.sql", upload)
            #expect(status == payload.status)
            #expect(bucket.fake.bytesReceived(part: 1, of: "a.sql") == [33 * step])
            #expect(bucket.fake.record.peakOpenParts == 1)
            bucket.holds(payload)
        }
    }

    // MARK: The rate

    @Test(arguments: [Payload.realSmall, .threeRealParts])
    func noMoreIsSentThanTheRateAllows(payload: Payload) async throws {
        let rate = try TransferRate("\(payload.size)B/s")
        try await GoogleBucket.with(sizes: .real) {
            $0.rate = rate
        } body: { bucket in
            let time = try await ContinuousClock().measure { try await bucket.putWell(payload) }
            // All of it takes a second, but for what may be sent ahead of time.
            #expect(time >= .milliseconds(750))
        }
    }

    @Test func rateThatIsSlowIsNoStall() async throws {
        let rate = try TransferRate("256KiB/s")
        try await GoogleBucket.with(sizes: .real) {
            $0.rate = rate
            $0.stallLimit = .milliseconds(1600)
        } body: { bucket in
            try await bucket.putWell(.realSmall)
            #expect(bucket.times(.finalChunk) == 1)
        }
    }
}
