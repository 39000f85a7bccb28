import FakeGoogle
import Foundation
import NIOCore
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A dump on its way into a bucket of Google's, stopped and taken up again by the flow.
@Suite(.serialized, .timeLimit(.minutes(30))) struct UploadFlowTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder.temporary() }

    private final class Events: Sendable {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)

        /// All that was told so far.
        func told() async -> [String] {
            continuation.finish()
            var told: [String] = []
            for await one in stream { told.append(one) }
            return told
        }
    }

    private func flow(_ bucket: GoogleBucket, _ events: Events = Events()) -> UploadSnapshot {
        var flow = UploadSnapshot(
            folder: SnapshotFolder(path: folder.file("src-snapshot")), store: bucket.store, databases: [.primary],
            includesSummary: false
        ) { event in
            switch event {
            case .warning(let notice), .notice(let notice): events.continuation.yield(notice.text)
            default: break
            }
        }
        flow.isPartial = true
        return flow
    }

    private func holds(
        _ bucket: GoogleBucket, _ manifest: SnapshotManifest, _ dump: LongDump = .small
    ) throws {
        let expected = try dump.rewritten
        let isEqual = bucket.fake.object("bucket", "primary.sql")?.bytes == expected
        #expect(isEqual)
        #expect(manifest.databases.first?.size == Int64(expected.readableBytes))
        #expect(bucket.fake.objectNames(in: "bucket") == ["manifest.json", "primary.sql"])
        bucket.leavesNothing()
    }

    private func writeDump(_ dump: LongDump = .small) throws {
        try folder.write("src-snapshot/primary.sql", Data(dump.bytes))
    }

    // MARK: One stream

    @Test(arguments: [404, 410])
    func sessionThatIsGoneInTheMiddleIsBegunAnew(status: Int) async throws {
        try writeDump()
        try await GoogleBucket.with(.oneStream) { bucket in
            bucket.fake.fault(.finalChunk, of: "primary.sql", .dropSession(status: status))
            let events = Events()
            try holds(bucket, try await flow(bucket, events).run())
            #expect(await events.told().contains("primary.sql: the store has dropped what was sent. Sending it again."))
            let sent = bucket.fake.requests(for: .finalChunk).map(\.bodyBytes)
            #expect(sent.prefix(2).allSatisfy { $0 > 2 * Payload.part })
        }
    }

    @Test(arguments: [404, 410])
    func sessionThatIsGoneWhenItIsTakenUpIsBegunAnew(status: Int) async throws {
        try writeDump()
        try await GoogleBucket.with(.oneStream) { bucket in
            bucket.fake.fault(.finalChunk, of: "primary.sql", .denied(.objectsCreate))
            await #expect(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            bucket.fake.fault(.sessionStatus, .dropSession(status: status))
            let events = Events()
            try holds(bucket, try await flow(bucket, events).run())
            #expect(await events.told().contains { $0.contains("no longer has the earlier upload") })
        }
    }

    @Test func storeThatDropsEverySessionIsToldOf() async throws {
        try writeDump()
        try await GoogleBucket.with(.oneStream) { bucket in
            bucket.fake.fault(.finalChunk, times: .max, .dropSession())
            let error = try await #require(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            #expect(error.message.contains("does not keep the uploaded parts of primary.sql") && error.next != nil)
            #expect(bucket.fake.objectNames(in: "bucket") == [])
        }
    }

    // MARK: Parts

    @Test func partsThatAreSentAgainAreRewrittenAgain() async throws {
        try writeDump(.real)
        try await GoogleBucket.with(sizes: .real) { bucket in
            for part in 1...3 {
                bucket.fake.fault(.part(part), .reset(afterBytes: 1000))
                bucket.fake.fault(.part(part), .status(503))
            }
            try holds(bucket, try await flow(bucket).run(), .real)
            #expect((1...3).allSatisfy { bucket.fake.bytesReceived(part: $0, of: "primary.sql").count == 3 })
        }
    }

    @Test func uploadThatIsGoneInTheMiddleIsBegunAnew() async throws {
        try writeDump()
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(3), .dropUpload)
            let events = Events()
            try holds(bucket, try await flow(bucket, events).run())
            #expect(await events.told().contains("primary.sql: the store has dropped what was sent. Sending it again."))
        }
    }

    @Test func stoppedUploadGoesOnAndItsNotesAreTheOwnersAlone() async throws {
        try writeDump()
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(2), .stall(afterBytes: Payload.part / 5))
            let run = Task { try await flow(bucket).run() }
            try await bucket.fake.waitUntil { record in
                record.stalled == 1 && [1, 3].allSatisfy { record.requests(for: .part($0)).first?.isOver == true }
            }
            run.cancel()
            bucket.fake.releaseStalls()
            let error = try await #require(throws: MigrationError.self) { _ = try await run.value }
            #expect(error.code == .interrupted && error.message.hasPrefix("Stopped: "))
            #expect(try folder.mode("src-snapshot/.upload") == 0o700)
            let place = "src-snapshot/.upload/" + (try #require(try folder.list("src-snapshot/.upload").first))
            #expect(try folder.mode(place) == 0o700 && folder.list(place) == ["primary.sql"])
            #expect(try folder.mode(place + "/primary.sql") == 0o600)
            try holds(bucket, try await flow(bucket).run())
            #expect((1...3).allSatisfy { bucket.fake.bytesReceived(part: $0, of: "primary.sql").count == 1 })
            // What is there is not sent again.
            let requests = bucket.fake.requests.count
            _ = try await flow(bucket).run()
            #expect(bucket.fake.requests.count == requests)
        }
    }
}
