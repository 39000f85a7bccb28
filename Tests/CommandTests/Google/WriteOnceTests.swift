import FakeGoogle
import NIOCore
import Testing

@testable import MigrationKitBase

/// What the store refuses is told with what to do next, and not tried again.
@Suite(.serialized, .timeLimit(.minutes(30))) struct WriteOnceTests {
    private static let payloads = [Payload.small, Payload.threeParts]

    private func options(_ change: (inout FakeGoogleStorage.Options) -> Void) -> FakeGoogleStorage.Options {
        var options = FakeGoogleStorage.Options()
        change(&options)
        return options
    }

    private func tellsThatItIsThere(_ bucket: GoogleBucket, _ payload: Payload) async throws {
        let older = bucket.fake.add("bucket", "a.sql", .init(string: "older"))
        let error = try await bucket.refused(payload)
        #expect(error.code == .unmetRequirement)
        #expect(error.message.contains("a.sql is already in gs://bucket, and this key is not allowed to replace it."))
        #expect(error.next?.contains("Or upload under a prefix: --bucket=gs://bucket/PREFIX.") == true)
        #expect(bucket.fake.object("bucket", "a.sql")?.generation == older.generation)
        #expect(bucket.told == [])
        bucket.leavesNothing()
    }

    @Test(arguments: payloads)
    func objectThatIsThereStays(payload: Payload) async throws {
        try await GoogleBucket.with { try await tellsThatItIsThere($0, payload) }
    }

    @Test func objectThatIsThereIsFoundBeforeAnythingIsSent() async throws {
        try await GoogleBucket.with(options { $0.checksGenerationAtStart = true }) { bucket in
            try await tellsThatItIsThere(bucket, .small)
            #expect(bucket.times(.finalChunk) == 0)
        }
    }

    @Test func objectThatIsThereStaysThoughItMightBeReplaced() async throws {
        try await GoogleBucket.with(options { $0.permissions.insert(.objectsDelete) }) { bucket in
            try await tellsThatItIsThere(bucket, .small)
        }
    }

    @Test func partsCountOnceTheOldObjectIsRemoved() async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.add("bucket", "a.sql", .init(string: "older"))
            let notes = try Notes.begun()
            let error = try await bucket.refused(.threeParts, notes: notes.notes)
            #expect(error.next?.contains("what was sent is not sent again") == true)
            bucket.fake.remove("bucket", "a.sql")
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test(arguments: payloads)
    func bucketThatDoesNotExistIsNamed(payload: Payload) async throws {
        try await GoogleBucket.with(options { $0.buckets = ["other"] }) { bucket in
            let error = try await bucket.refused(payload)
            #expect(error.message == "There is no bucket bucket." && error.next == "Check --bucket.")
            #expect(bucket.fake.requests.count == 1)
        }
    }

    @Test(arguments: payloads)
    func whoMayNotCreateIsToldTheRole(payload: Payload) async throws {
        try await GoogleBucket.with(options { $0.permissions = [.multipartCreate] }) { bucket in
            let error = try await bucket.refused(payload)
            #expect(error.message.contains("is not allowed to create objects in gs://bucket"))
            #expect(error.next?.contains("roles/storage.objectCreator") == true)
            #expect(bucket.fake.requests.count == 1)
        }
    }

    @Test(arguments: payloads)
    func tokenThatIsNeverTakenIsAnError(payload: Payload) async throws {
        try await GoogleBucket.with(needsToken: true) { bucket in
            bucket.fake.fault(FaultRule(times: .max, .unauthorized) { !$0.operation.needsNoToken })
            let error = try await bucket.refused(payload)
            #expect(error.message.contains("rejected the access token of"))
            #expect(error.next?.contains("-credentials") == true)
            // The one request, with the old token and with a new one.
            #expect(bucket.fake.requests.count { !$0.operation.needsNoToken } == 2)
        }
    }
}
