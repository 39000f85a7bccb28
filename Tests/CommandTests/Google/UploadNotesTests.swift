import FakeGoogle
import Foundation
import Testing

@testable import MigrationKitBase

/// An upload that was stopped goes on with what the store has.
@Suite(.serialized, .timeLimit(.minutes(30))) struct UploadNotesTests {
    /// Sends all parts, and fails at the last step.
    private func stoppedAtItsEnd(_ bucket: GoogleBucket) async throws -> Notes {
        let notes = try Notes.begun()
        bucket.fake.fault(.complete, .denied(.objectsCreate))
        _ = try await bucket.refused(.threeParts, notes: notes.notes)
        #expect(bucket.fake.openUploads.count == 1)
        return notes
    }

    @Test func listOfPartsIsReadPageByPageAndInSpiteOfFaults() async throws {
        var options = FakeGoogleStorage.Options()
        options.pageSize = 1
        try await GoogleBucket.with(options) { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.listParts, .status(status)) }
            for fault in [.reset(), .lostAnswer, .tornAnswer(afterBytes: 200), .errorInSuccess()] as [FaultAction] {
                bucket.fake.fault(.listParts, fault)
            }
            bucket.fake.fault(.listParts, .stall())
            bucket.fake.fault(.listParts, .answer("<ListPartsResult><Part>"))
            // Nor is a page of somebody else's a list without parts.
            bucket.fake.fault(.listParts, .answer("<html><body>Welcome to the hotel</body></html>"))
            try await bucket.passing(stalls: 1) {
                try await bucket.putWell(.threeParts, notes: notes.reopened())
            }
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
            #expect(bucket.times(.listParts) == 16)
        }
    }

    @Test func listWithoutEndIsAnError() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            let page = "<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>"
            bucket.fake.fault(.listParts, times: .max, .answer("<ListPartsResult>\(page)</ListPartsResult>"))
            let error = try await bucket.refused(.threeParts, notes: notes.reopened())
            #expect(error.message.contains("endless list") && error.next != nil)
        }
    }

    @Test func whoMayNotListGoesByTheNotes() async throws {
        var options = FakeGoogleStorage.Options()
        options.permissions.remove(.multipartListParts)
        try await GoogleBucket.with(options) { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test func partThatTheStoreDoesNotListIsSentAgain() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            bucket.fake.change { state in
                for id in state.uploads.keys { state.uploads[id]?.parts[2] = nil }
            }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 2, 1])
        }
    }

    @Test func partThatIsAnotherOneInTheStoreIsSentAgain() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            bucket.fake.change { state in
                for id in state.uploads.keys { state.uploads[id]?.parts[3]?.etag = "\"another\"" }
            }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 2])
        }
    }

    @Test func partWhoseBytesHaveChangedIsSentAgain() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            try await bucket.putWell(.threeParts(seed: 1), notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [2, 2, 2])
        }
    }

    @Test func uploadThatTheStoreHasDroppedIsSentAnewWithANotice() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            bucket.fake.change { $0.uploads = [:] }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [2, 2, 2])
            #expect(bucket.told.contains { $0.contains("no longer has the earlier upload") })
        }
    }

    @Test func killBehindTheLastStepIsNoticedByTheNextRun() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try await stoppedAtItsEnd(bucket)
            try notes.change { $0.replace("{\"refused\":true}\n", with: "") }
            bucket.fake.fault(.complete, .lostAnswer)
            // As if the process had ended here: the upload is made, and the notes do not say so.
            let before = try notes.text
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            try notes.change { $0 = before }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
            #expect(bucket.told.count { $0.contains("but the object exists") } == 2)
        }
    }
}
