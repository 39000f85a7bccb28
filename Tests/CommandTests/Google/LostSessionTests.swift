import FakeGoogle
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A session that is gone, or that an earlier run has begun.
@Suite(.serialized, .timeLimit(.minutes(30))) struct LostSessionTests {
    @Test(arguments: [404, 410])
    func smallObjectIsSentAnewWhenItsSessionIsGone(status: Int) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, .dropSession(status: status))
            try await bucket.putWell(.small)
            #expect(bucket.times(.startSession) == 2)
            #expect(bucket.told.contains { $0.contains("lost the uploaded data. Sending it again.") })
        }
    }

    @Test func storeThatDropsEverySessionIsToldOf() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.finalChunk, times: .max, .dropSession())
            let error = try await bucket.refused(.small)
            #expect(error.message.contains("does not keep the uploaded parts of a.sql") && error.next != nil)
        }
    }

    @Test(arguments: [404, 410])
    func sessionThatIsGoneBeforeItGoesOnIsBegunAnew(status: Int) async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.finalChunk, .denied(.objectsCreate))
            _ = try await bucket.refused(.twoPieces, notes: notes.notes)
            bucket.fake.fault(.sessionStatus, .dropSession(status: status))
            try await bucket.putWell(.twoPieces, notes: notes.reopened())
            #expect(bucket.times(.startSession) == 2 && bucket.times(.sessionChunk) == 2)
            #expect(bucket.told.contains { $0.contains("no longer has the earlier upload") })
        }
    }

    @Test func sessionThatIsRefusedWhenItIsTakenUpIsBegunAnew() async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.finalChunk, .denied(.objectsDelete))
            _ = try await bucket.refused(.twoPieces, notes: notes.notes)
            bucket.fake.fault(.sessionStatus, .denied(.objectsDelete))
            try await bucket.putWell(.twoPieces, notes: notes.reopened())
            #expect(bucket.times(.startSession) == 2)
        }
    }

    @Test func bytesThatTheStoreTakesForOthersAreAllSentAnew() async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.finalChunk, .status(400))
            _ = try await bucket.refused(.twoPieces, notes: notes.notes)
            try await bucket.putWell(.twoPieces, notes: notes.reopened())
            #expect(bucket.times(.startSession) == 2 && bucket.times(.sessionChunk) == 2)
        }
    }

    @Test func alteredObjectThatWasRemovedIsSentAgain() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.finalChunk, .wrongChecksum)
            _ = try await bucket.refused(.small, notes: notes.notes)
            bucket.fake.remove("bucket", "a.sql")
            try await bucket.putWell(.small, notes: notes.reopened())
        }
    }

    @Test func cancelledStreamGoesOnWithTheNextRun() async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.finalChunk, .stall())
            let put = Task { try await bucket.put(.twoPieces, notes: notes.notes) }
            try await bucket.fake.waitUntil { $0.stalled == 1 }
            put.cancel()
            await #expect(throws: CancellationError.self) { try await put.value }
            try await bucket.putWell(.twoPieces, notes: notes.reopened())
            #expect(bucket.times(.startSession) == 1 && bucket.times(.sessionChunk) == 1)
            // A run that was killed when all was done finds it done.
            try await bucket.putWell(.twoPieces, notes: notes.reopened())
            #expect(bucket.times(.sessionChunk) == 1 && bucket.times(.finalChunk) == 2)
        }
    }

    @Test func noteOfAForeignAddressIsNotGoneBy() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            try notes.notes.note(session: "http://example.com/upload?upload_id=x")
            try await bucket.putWell(.small, notes: notes.reopened())
        }
    }
}
