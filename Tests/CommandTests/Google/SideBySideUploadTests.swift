import FakeGoogle
import Foundation
import NIOCore
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Several objects are on their way at once, within the bounds of one; several dumps, each with what is promised of one.
@Suite(.serialized, .timeLimit(.minutes(30))) struct SideBySideUploadTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder.temporary() }

    // MARK: Objects

    private func put(_ payload: Payload, _ name: String, isHeld: Bool = false, in bucket: GoogleBucket) async throws {
        var upload = ObjectUpload(
            stream: payload.stream, expectedSize: payload.size, reread: { payload.stream($0) })
        if isHeld { upload.reread = nil }
        #expect(try await bucket.store.put(name, upload) == payload.status)
    }

    @Test(arguments: [1, 3])
    func partsOfAllObjectsTogetherAreBounded(parts: Int) async throws {
        try await GoogleBucket.with {
            $0.parallelParts = parts
        } body: { bucket in
            bucket.fake.fault(.anyPart(times: parts, .stall()))
            let payload = Payload(3 * Int(Payload.part) + 1)
            async let first: Void = put(payload, "a.sql", in: bucket)
            async let second: Void = put(payload, "b.sql", in: bucket)
            try await bucket.fake.waitUntil { $0.stalled == parts }
            bucket.fake.releaseStalls()
            _ = try await (first, second)
            #expect(bucket.fake.record.peakOpenParts == parts)
        }
    }

    @Test func partsThatAreHeldOfAllObjectsTogetherAreBounded() async throws {
        let parts = Int(TransferSizes.small.heldParts / Payload.part)
        try await GoogleBucket.with {
            $0.parallelParts = 3 * parts
        } body: { bucket in
            bucket.fake.fault(.anyPart(times: parts, .stall()))
            let payload = Payload(parts * Int(Payload.part))
            async let first: Void = put(payload, "a.sql", isHeld: true, in: bucket)
            async let second: Void = put(payload, "b.sql", isHeld: true, in: bucket)
            try await bucket.fake.waitUntil { $0.stalled == parts }
            bucket.fake.releaseStalls()
            _ = try await (first, second)
            #expect(bucket.fake.record.peakOpenParts == parts)
        }
    }

    @Test func piecesOfSingleStreamsAreParts() async throws {
        try await GoogleBucket.with(.oneStream) {
            $0.parallelParts = 1
        } body: { bucket in
            bucket.fake.fault(.finalChunk, .stall())
            async let first: Void = put(.small, "a.sql", in: bucket)
            async let second: Void = put(.small, "b.sql", in: bucket)
            try await bucket.fake.waitUntil { $0.stalled == 1 }
            try await bucket.fake.waitUntil { $0.requests(for: .startSession).count { $0.isOver } == 2 }
            #expect(bucket.times(.finalChunk) == 1)
            bucket.fake.releaseStalls()
            _ = try await (first, second)
        }
    }

    // MARK: Dumps

    private func flow(
        _ bucket: GoogleBucket, onEvent: @escaping MigrationEventHandler = { _ in }
    ) -> UploadSnapshot {
        var flow = UploadSnapshot(
            folder: SnapshotFolder(path: folder.file("src-snapshot")), store: bucket.store,
            databases: [.primary, .codeintel], includesSummary: false, onEvent: onEvent)
        flow.isPartial = true
        return flow
    }

    private func writeDump(_ database: Database, dropping count: Int = 0) throws {
        try folder.write("src-snapshot/\(database.dumpName)", Data(LongDump.small.bytes.dropLast(count)))
    }

    private func holdsBoth(_ bucket: GoogleBucket) throws {
        let expected = try LongDump.small.rewritten
        for name in ["primary.sql", "codeintel.sql"] {
            let isEqual = bucket.fake.object("bucket", name)?.bytes == expected
            #expect(isEqual, "\(name)")
        }
        #expect(bucket.fake.objectNames(in: "bucket") == ["codeintel.sql", "manifest.json", "primary.sql"])
        bucket.leavesNothing()
    }

    @Test func dumpsAreOnTheirWayAtOnce() async throws {
        for database in [Database.primary, .codeintel] { try writeDump(database) }
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(.part(1), of: "primary.sql", .stall())
            bucket.fake.fault(.part(1), of: "codeintel.sql", .stall())
            async let manifest = flow(bucket).run()
            try await bucket.fake.waitUntil { $0.stalled == 2 }
            bucket.fake.releaseStalls()
            #expect(try await manifest.databases.map(\.database) == [.primary, .codeintel])
            try holdsBoth(bucket)
        }
    }

    @Test func dumpThatFailsLeavesTheOthersToFinish() async throws {
        try writeDump(.primary)
        try writeDump(.codeintel, dropping: 20)
        try await GoogleBucket.with { bucket in
            let (failures, failed) = AsyncStream.makeStream(of: String.self)
            bucket.fake.fault(.part(2), of: "primary.sql", .stall())
            let flow = flow(bucket) { if case .failed(let name, _) = $0 { failed.yield(name) } }
            let run = Task { try await flow.run() }
            for await name in failures {
                #expect(name == "codeintel.sql")
                break
            }
            bucket.fake.releaseStalls()
            let error = try await #require(throws: MigrationError.self) { _ = try await run.value }
            #expect(error.code == .tornDump)
            #expect(bucket.fake.objectNames(in: "bucket") == ["primary.sql"])
            bucket.leavesNothing()

            try writeDump(.codeintel)
            _ = try await self.flow(bucket).run()
            try holdsBoth(bucket)
            #expect(bucket.fake.bytesReceived(part: 1, of: "primary.sql").count == 1)
        }
    }

    @Test func everyFailureIsTold() async throws {
        for database in [Database.primary, .codeintel] { try writeDump(database, dropping: 20) }
        try await GoogleBucket.with { bucket in
            let error = try await #require(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            #expect(error.code == .tornDump && error.message == "2 of 2 uploads failed.")
            for name in ["primary.sql", "codeintel.sql"] {
                #expect(error.details.contains { $0.contains(name) }, "\(error.details)")
            }
            #expect(bucket.fake.objectNames(in: "bucket") == [])
            bucket.leavesNothing()
        }
    }

    @Test func everyDumpThatIsStoppedGoesOn() async throws {
        for database in [Database.primary, .codeintel] { try writeDump(database) }
        try await GoogleBucket.with {
            $0.parallelParts = 6
        } body: { bucket in
            for name in ["primary.sql", "codeintel.sql"] { bucket.fake.fault(.part(2), of: name, .stall()) }
            let run = Task { try await flow(bucket).run() }
            try await bucket.fake.waitUntil { record in
                record.stalled == 2
                    && [1, 3].allSatisfy { part in record.requests(for: .part(part)).count { $0.isOver } == 2 }
            }
            run.cancel()
            bucket.fake.releaseStalls()
            let error = try await #require(throws: MigrationError.self) { _ = try await run.value }
            #expect(error.code == .interrupted && error.message == "Stopped.")
            #expect(error.next?.hasPrefix("Run the same command to resume") == true)
            #expect(error.details.count == 2 && error.details.allSatisfy { $0.contains(" are stored.") })
            _ = try await flow(bucket).run()
            try holdsBoth(bucket)
            for name in ["primary.sql", "codeintel.sql"] {
                #expect((1...3).allSatisfy { bucket.fake.bytesReceived(part: $0, of: name).count == 1 })
            }
        }
    }
}
