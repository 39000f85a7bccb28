import FakeGoogle
import NIOCore
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What begins and ends a multipart upload fails as its parts do.
@Suite(.serialized, .timeLimit(.minutes(30))) struct MultipartFaultTests {
    // MARK: The beginning

    @Test func beginningIsTriedAgain() async throws {
        try await GoogleBucket.with { bucket in
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.startMultipart, .status(status)) }
            bucket.fake.fault(.startMultipart, .reset())
            bucket.fake.fault(.startMultipart, .stall())
            bucket.fake.fault(.startMultipart, .errorInSuccess())
            bucket.fake.fault(.startMultipart, .answer("<InitiateMultipartUploadResult><Upl"))
            bucket.fake.fault(.startMultipart, .answer("<InitiateMultipartUploadResult/>"))
            bucket.fake.fault(.startMultipart, .answer("<html><body>Welcome to the hotel</body></html>"))
            try await bucket.passing(stalls: 1) { try await bucket.putWell(.threeParts) }
            #expect(bucket.times(.startMultipart) == 13)
        }
    }

    @Test(arguments: [FaultAction.lostAnswer, .tornAnswer(afterBytes: 100)])
    func beginningWhoseAnswerIsLostIsRepeated(fault: FaultAction) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.startMultipart, fault)
            let status = try await bucket.put(.threeParts)
            #expect(status == Payload.threeParts.status)
            // The one that was begun first: nobody has learned its id.
            #expect(bucket.fake.openUploads.count == 1)
        }
    }

    // MARK: The end

    @Test func endIsTriedAgain() async throws {
        try await GoogleBucket.with { bucket in
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.complete, .status(status)) }
            bucket.fake.fault(.complete, .reset())
            bucket.fake.fault(.complete, .errorInSuccess())
            bucket.fake.fault(.complete, .errorInSuccess(code: "SlowDown"))
            bucket.fake.fault(.complete, .answer("<CompleteMultipartUploadResult><Loc"))
            bucket.fake.fault(.complete, .answer("<html><body>Welcome to the hotel</body></html>"))
            bucket.fake.fault(.complete, .answer(""))
            try await bucket.putWell(.threeParts)
            #expect(bucket.times(.complete) == 13)
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test(arguments: [
        FaultAction.lostAnswer, .tornAnswer(afterBytes: 40), .header("x-goog-hash", nil),
        .header("x-goog-hash", "md5=x"),
        .body("<CompleteMultipartUploadResult><Loc"), .body("<html/>"), .body(""),
    ])
    func uploadThatIsGoneAfterItsEndWasAskedForHasLanded(fault: FaultAction) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.complete, fault)
            try await bucket.putWell(.threeParts)
            #expect(bucket.times(.complete) == 2)
            #expect(bucket.told.contains { $0.contains("the response to the last step was lost") })
        }
    }

    @Test(arguments: [false, true])
    func objectThatIsInItsOwnWayHasLanded(isNextRun: Bool) async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.complete, .lostAnswer)
            if isNextRun {
                bucket.fake.fault(.complete, times: .max, .stall())
                let put = Task { try await bucket.put(.threeParts, notes: notes.notes) }
                try await bucket.fake.waitUntil { $0.stalled == 1 }
                put.cancel()
                await #expect(throws: CancellationError.self) { try await put.value }
                bucket.fake.removeFaults()
            }
            bucket.fake.fault(.complete, .denied(.objectsDelete))
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test func objectOfOthersThatCameInTheWayIsNotTakenForOurs() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.complete, .status(503))
            bucket.fake.add("bucket", "a.sql", ByteBuffer(string: "older"))
            let notes = try Notes.begun()
            let error = try await bucket.refused(.threeParts, notes: notes.notes)
            #expect(error.message.contains("is already in gs://bucket"))
            #expect(notes.reopened().current.isCompleting == false)
        }
    }

    @Test(arguments: [false, true])
    func errorThatComesWithSuccessIsAnError(hasNotes: Bool) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.complete, .errorInSuccess(code: "InvalidPart", message: "A part is missing."))
            let notes = try hasNotes ? Notes.begun() : nil
            let error = try await bucket.refused(.threeParts, notes: notes?.notes)
            #expect(error.message.contains("A part is missing.") && error.next != nil)
            #expect(bucket.times(.complete) == 1)
            #expect(bucket.fake.objectNames(in: "bucket") == [])
            // With notes it can be taken up again.
            #expect(bucket.fake.openUploads.count == (hasNotes ? 1 : 0))
        }
    }

    @Test(arguments: [false, true])
    func objectThatIsNotWhatWasSentIsAnError(hasNotes: Bool) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.complete, .wrongChecksum)
            let notes = try hasNotes ? Notes.begun() : nil
            let error = try await bucket.refused(.threeParts, notes: notes?.notes)
            #expect(error.message.contains("is not what was sent: the store's checksum differs (CRC32C "))
            #expect(error.next?.contains("Ask for it to be removed") == true)
            guard let notes else { return }
            // Nor does the next run take it for a success whose answer was lost.
            let again = try await bucket.refused(.threeParts, notes: notes.reopened())
            #expect(again.message.contains("is already in gs://bucket"))
            #expect(bucket.timesSent(1...3) == [2, 2, 2])
        }
    }

    @Test func refusedEndIsNotTakenForOneThatWasLost() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            bucket.fake.fault(.complete, .denied(.objectsCreate))
            _ = try await bucket.refused(.threeParts, notes: notes.notes)
            // Somebody's rule takes away what is not completed for a week.
            bucket.fake.fault(.listParts, .dropUpload)
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [2, 2, 2])
        }
    }

    @Test func uploadThatIsGoneBeforeItsEndIsAnError() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(3), .dropUpload)
            let error = try await bucket.refused(.threeParts)
            #expect(error.message.contains("does not keep the uploaded parts of a.sql") && error.next != nil)
            #expect(bucket.fake.objectNames(in: "bucket") == [])
            bucket.leavesNothing()
        }
    }

    @Test func bucketThatIsGoneAtTheEndIsNoSuccess() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.complete, .status(503))
            bucket.fake.fault(.complete, .status(404))
            let error = try await bucket.refused(.threeParts)
            #expect(error.message.contains("There is no bucket bucket"))
            bucket.leavesNothing()
        }
    }

    // MARK: What is left behind

    @Test func uploadWithoutNotesThatFailsIsTakenAway() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(2), .denied(.objectsCreate))
            bucket.fake.fault(.abort, .status(503))
            bucket.fake.fault(.abort, .reset())
            _ = try await bucket.refused(.threeParts)
            #expect(bucket.times(.abort) == 3)
            bucket.leavesNothing()
        }
    }

    @Test func rightThatIsWithdrawnMeanwhileLeadsToNoOtherObject() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(1), .denied(.multipartCreate))
            let error = try await bucket.refused(.threeParts)
            #expect(error.message.contains("lacks the permission storage.multipartUploads.create on gs://bucket."))
            #expect(bucket.fake.objectNames(in: "bucket") == [])
            #expect(bucket.times(.startSession) == 0)
        }
    }
}
