import FakeGoogle
import Foundation
import NIOCore
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// A dump on its way into a bucket of Google's, in parts, stopped and taken up again.
@Suite(.serialized, .timeLimit(.minutes(30))) struct SplitFlowTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder.temporary()
        try writeDump()
    }

    private func writeDump(_ dump: LongDump = .small) throws {
        try folder.write("src-snapshot/primary.sql", Data(dump.bytes))
    }

    /// Of parts with rows: the first is sent in two parts of an upload, the second in one piece.
    private static let size = 9 * Payload.part / 5

    private static let names = [
        "primary.00-extensions.sql", "primary.10-schema.sql", "primary.20-data-0001.sql", "primary.20-data-0002.sql",
        "primary.30-indexes.sql",
    ]

    private func flow(_ bucket: GoogleBucket, size: Int64? = size, compresses: Bool = false) -> UploadSnapshot {
        var flow = UploadSnapshot(
            folder: SnapshotFolder(path: folder.file("src-snapshot")), store: bucket.store, databases: [.primary],
            includesSummary: false)
        flow.isPartial = true
        flow.splitSize = size
        flow.compresses = compresses
        return flow
    }

    private func holds(
        _ bucket: GoogleBucket, _ manifest: SnapshotManifest, _ dump: LongDump = .small
    ) async throws {
        let entry = try #require(manifest.databases.first)
        let text = try await bucket.store.dump(entry).sql.collected { _ in }
        let isEqual = try text == dump.rewritten
        #expect(isEqual)
        #expect(bucket.fake.openUploads == [] && bucket.fake.violations == [])
        _ = try await VerifySnapshot(store: bucket.store).run()
    }

    /// How often all of an object was sent.
    private func sent(_ bucket: GoogleBucket, _ name: String) throws -> Double {
        let uploads = bucket.fake.requests.filter {
            $0.object == name && ($0.operation.isPart || [.sessionChunk, .finalChunk].contains($0.operation))
        }
        let bytes = uploads.reduce(0) { $0 + $1.bodyBytes }
        return Double(bytes) / Double(try #require(bucket.fake.object("bucket", name)?.bytes.readableBytes))
    }

    @Test(arguments: [FakeGoogleStorage.Options.readable, .readableStream])
    func partsArriveInEitherWay(options: FakeGoogleStorage.Options) async throws {
        try await GoogleBucket.with(options) { bucket in
            let manifest = try await flow(bucket).run()
            try await holds(bucket, manifest)
            #expect(manifest.databases[0].parts.map(\.object.name) == Self.names)
            #expect(bucket.fake.objectNames(in: "bucket") == ["manifest.json"] + Self.names)
        }
    }

    @Test func partThatIsSentAgainIsTheSame() async throws {
        try writeDump(.real)
        try await GoogleBucket.with(.readable, sizes: .real) { bucket in
            let name = Self.names[2]
            for part in 1...2 {
                bucket.fake.fault(.part(part), of: name, .reset(afterBytes: 1 << 20))
                bucket.fake.fault(.part(part), of: name, .status(503))
            }
            try await holds(bucket, try await flow(bucket, size: 9 << 20).run(), .real)
            #expect(bucket.fake.requests(for: .part(1)).count == 3)
        }
    }

    @Test(arguments: names)
    func uploadThatIsStoppedGoesOnWithTheSamePart(stopped: String) async throws {
        try await GoogleBucket.with(.readable) { bucket in
            for operation in [FakeOperation.complete, .finalChunk] {
                bucket.fake.fault(operation, of: stopped, .denied(.objectsCreate))
            }
            await #expect(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            #expect(bucket.fake.object("bucket", stopped) == nil)
            bucket.fake.removeFaults()
            try await holds(bucket, try await flow(bucket).run())
            for name in Self.names where name != stopped || bucket.fake.requests(for: .complete).count > 1 {
                #expect(try sent(bucket, name) < 1.1, "\(name)")
            }
        }
    }

    @Test func secondRunSendsNothing() async throws {
        try await GoogleBucket.with(.readable) { bucket in
            let first = try await flow(bucket).run()
            let requests = bucket.fake.requests.count
            #expect(try await flow(bucket).run() == first)
            #expect(bucket.fake.requests.count == requests)
        }
    }

    @Test func sessionThatIsGoneIsBegunAnewAndTheOthersAreNotSentAgain() async throws {
        try await GoogleBucket.with(.readableStream) { bucket in
            bucket.fake.fault(.finalChunk, of: Self.names[2], .dropSession())
            try await holds(bucket, try await flow(bucket).run())
            for name in [Self.names[0], Self.names[1], Self.names[3]] {
                #expect(try sent(bucket, name) == 1, "\(name)")
            }
        }
    }

    @Test func storeThatDropsEverySessionIsToldOf() async throws {
        try await GoogleBucket.with(.oneStream) { bucket in
            bucket.fake.fault(.finalChunk, of: Self.names[2], times: .max, .dropSession())
            let error = try await #require(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            #expect(error.message.hasSuffix("gs://bucket does not keep the uploaded parts of \(Self.names[2])."))
        }
    }

    // MARK: Other dumps, other forms

    @Test func partsOfAnotherDumpAreNotMixedWithThose() async throws {
        try await GoogleBucket.with(.readable) { bucket in
            bucket.fake.fault(.finalChunk, of: Self.names[4], .denied(.objectsCreate))
            await #expect(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            let before = bucket.fake.requests.count
            let changed = String(decoding: LongDump.small.bytes, as: UTF8.self).replacing("\n140\t0", with: "\n140\t1")
            try folder.write("src-snapshot/primary.sql", changed)
            let error = try await #require(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            #expect(error.message.contains("is already in gs://bucket, and "), "\(error)")
            #expect(error.message.contains("primary.sql has changed."), "\(error)")
            #expect(bucket.fake.requests.count == before)
        }
    }

    /// As after a copy that has kept size, times and edges; nobody should, and nothing is mixed all the same.
    @Test func partThatTheDumpNoLongerGivesIsAnError() async throws {
        try await GoogleBucket.with(.readable) { bucket in
            bucket.fake.fault(.finalChunk, of: Self.names[4], .denied(.objectsCreate))
            await #expect(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            let bucketFolder = try #require(try folder.list("src-snapshot/.upload").first)
            let name = "src-snapshot/.upload/\(bucketFolder)/\(Self.names[3])"
            let notes = try folder.text(name)
            let crc = try #require(notes.firstMatch(of: /"part":\{"crc32c":(\d+)/)?.output.1)
            try folder.write(name, notes.replacing("\"crc32c\":\(crc)", with: "\"crc32c\":7"))
            let error = try await #require(throws: MigrationError.self) { _ = try await flow(bucket).run() }
            #expect(error.message.contains("\(Self.names[3]) is already in gs://bucket, and "), "\(error)")
        }
    }

    @Test func partsOfAnotherSizeAreNotMixedWithThose() async throws {
        try await GoogleBucket.with(.readable) { bucket in
            _ = try await flow(bucket).run()
            let error = try await #require(throws: MigrationError.self) {
                _ = try await flow(bucket, size: Self.size / 9).run()
            }
            #expect(error.message.contains("was made with other options (--profile, --gzip or --split)"), "\(error)")
        }
    }

    @Test func whatWasBegunInAnotherFormIsGivenUp() async throws {
        try await GoogleBucket.with(.readable) { bucket in
            bucket.fake.fault(.complete, of: "primary.sql", .denied(.objectsCreate))
            await #expect(throws: MigrationError.self) { _ = try await flow(bucket, size: nil).run() }
            #expect(bucket.fake.openUploads.count == 1)
            try await holds(bucket, try await flow(bucket).run())
            #expect(bucket.fake.objectNames(in: "bucket") == ["manifest.json"] + Self.names)
        }
    }

    @Test func compressedPartsGoOn() async throws {
        try await GoogleBucket.with(.readable) { bucket in
            let gz = Self.names.map { $0 + ".gz" }
            bucket.fake.fault(.finalChunk, of: gz[3], .denied(.objectsCreate))
            await #expect(throws: MigrationError.self) { _ = try await flow(bucket, compresses: true).run() }
            try await holds(bucket, try await flow(bucket, compresses: true).run())
            #expect(bucket.fake.objectNames(in: "bucket") == ["manifest.json"] + gz)
            for name in gz[...2] { #expect(try sent(bucket, name) == 1) }
        }
    }
}

extension FakeGoogleStorage.Options {
    /// Who may read what was uploaded, too.
    fileprivate static var readable: Self {
        var options = Self()
        options.permissions.formUnion(Self.objectViewer)
        return options
    }

    /// The same, without multipart uploads.
    fileprivate static var readableStream: Self {
        var options = oneStream
        options.permissions.formUnion(Self.objectViewer)
        return options
    }
}
