import FakeGoogle
import SystemPackage
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// An upload that is stopped finishes what is on its way, and the next one goes on from there.
@Suite(.serialized, .timeLimit(.minutes(30))) struct StoppedUploadTests {
    @Test func cancelledPutWaitsForItsPartsAndTheNextGoesOn() async throws {
        try await GoogleBucket.with {
            $0.parallelParts = 1
        } body: { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.part(2), .stall(afterBytes: Payload.part / 5))
            let put = Task { try await bucket.put(.threeParts, notes: notes.notes) }
            try await bucket.fake.waitUntil { $0.stalled == 1 }
            put.cancel()
            bucket.fake.releaseStalls()
            await #expect(throws: CancellationError.self) { try await put.value }
            #expect(bucket.timesSent(1...3) == [1, 1, 0])
            #expect(bucket.fake.openUploads.count == 1 && bucket.times(.complete) == 0)
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
            #expect(bucket.times(.startMultipart) == 1 && bucket.times(.listParts) == 1)
        }
    }

    @Test func cancelledPutWithoutNotesLeavesNothing() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(2), .stall(afterBytes: Payload.part / 5))
            let put = Task { try await bucket.put(.threeParts) }
            try await bucket.fake.waitUntil { $0.stalled == 1 }
            put.cancel()
            bucket.fake.releaseStalls()
            await #expect(throws: CancellationError.self) { try await put.value }
            #expect(bucket.fake.objectNames(in: "bucket") == [])
            bucket.leavesNothing()
        }
    }

    /// The disk of a network may be back in a minute.
    @Test func uploadWhoseSourceCannotBeReadForOnceGoesOn() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            let payload = Payload.threeParts
            let head = payload.stream(0..<2 * Payload.part).makeAsyncIterator()
            let torn = ByteStream {
                guard let chunk = try await head.next() else { throw Errno.ioError }
                return chunk
            }
            await #expect(throws: Errno.ioError) {
                _ = try await bucket.store.put(
                    "a.sql", ObjectUpload(stream: torn, reread: { payload.stream($0) }, notes: notes.notes))
            }
            try await bucket.putWell(payload, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test func cancelledPutDoesNotWaitForAToken() async throws {
        try await GoogleBucket.with(patience: .seconds(3600), needsToken: true) { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.part(2), .unauthorized)
            bucket.fake.fault(.token, skip: 1, times: .max, .status(503))
            let put = Task { try await bucket.put(.threeParts, notes: notes.notes) }
            try await bucket.fake.waitUntil { $0.requests(for: .token).count > 2 }
            put.cancel()
            await #expect(throws: CancellationError.self) { try await put.value }
            bucket.fake.removeFaults()
            try await bucket.putWell(.threeParts, notes: notes.reopened())
        }
    }

    @Test func cancelledPauseEndsAtOnce() async throws {
        try await GoogleBucket.with {
            $0.retry.firstDelay = .seconds(600)
            $0.retry.longestDelay = .seconds(600)
            $0.retry.patience = .seconds(3600)
        } body: { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.part(3), .status(503))
            let put = Task { try await bucket.put(.threeParts, notes: notes.notes) }
            try await bucket.fake.waitUntil { record in
                [1, 2, 3].allSatisfy { record.requests(for: .part($0)).first?.isOver == true }
            }
            put.cancel()
            await #expect(throws: CancellationError.self) { try await put.value }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(3...3) == [2])
        }
    }
}
