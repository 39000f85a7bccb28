import FakeGoogle
import NIOCore
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What is read is what is stored, or an error.
@Suite(.serialized, .timeLimit(.minutes(30))) struct ReadingTests {
    /// Three ranges, the last of them short.
    private static let payload = Payload(2 * Int(range) + 1000)
    private static let range = TransferSizes.small.range

    private static var viewer: FakeGoogleStorage.Options {
        var options = FakeGoogleStorage.Options()
        options.permissions = FakeGoogleStorage.Options.objectViewer
        return options
    }

    /// A bucket with the payload in it.
    private func with(
        needsToken: Bool = false, patience: Duration = .seconds(60), atOnce: Int = 4,
        _ body: (GoogleBucket) async throws -> Void
    ) async throws {
        try await GoogleBucket.with(Self.viewer, patience: patience, needsToken: needsToken) {
            $0.parallelParts = atOnce
        } body: { bucket in
            bucket.fake.add("bucket", "a.sql", Self.payload.bytes)
            try await body(bucket)
            #expect(bucket.fake.violations == [])
        }
    }

    private func read(_ stream: ByteStream) async throws -> ByteBuffer {
        var bytes = ByteBuffer()
        for try await chunk in stream { bytes.writeImmutableBuffer(chunk) }
        return bytes
    }

    private func readWell(_ bucket: GoogleBucket) async throws {
        let bytes = try await read(try await bucket.store.get("a.sql"))
        let isEqual = bytes == Self.payload.bytes
        #expect(isEqual)
    }

    private func unreadable(_ bucket: GoogleBucket) async throws -> MigrationError {
        try await #require(throws: MigrationError.self) {
            _ = try await read(try await bucket.store.get("a.sql"))
        }
    }

    // MARK: Ranges

    @Test func rangeThatFailsIsFetchedAgainAlone() async throws {
        try await with { bucket in
            for status in [408, 429, 500, 502, 503, 504] { bucket.fake.fault(.media, .status(status)) }
            for fault in [
                .reset(), .lostAnswer, .tornAnswer(afterBytes: 0), .tornAnswer(afterBytes: 900), .stall(), .answer(""),
                .answer("<html>"),
            ] as [FaultAction] {
                bucket.fake.fault(.media, fault)
            }
            try await bucket.passing(stalls: 1) { try await readWell(bucket) }
            #expect(bucket.times(.media) == 3 + 13)
            #expect(bucket.times(.metadata) == 1)
        }
    }

    @Test func rangeIsFetchedWithANewTokenWhereTheOldIsRefused() async throws {
        try await with(needsToken: true) { bucket in
            bucket.fake.fault(.media, skip: 1, .unauthorized)
            try await readWell(bucket)
            #expect(bucket.times(.media) == 4 && bucket.fake.grants.count == 2)
        }
    }

    @Test func nothingButTheRangeIsFetched() async throws {
        try await with { bucket in
            let range = Self.range
            let stretches = [0..<1, range - 1..<range + 1, 2 * range + 990..<3 * range]
            for stretch in stretches {
                let bytes = try await read(try await bucket.store.get("a.sql", range: stretch))
                let end = min(stretch.upperBound, Self.payload.size)
                let expected = try await read(Self.payload.stream(stretch.lowerBound..<end))
                #expect(bytes == expected, "\(stretch)")
            }
            #expect(bucket.times(.media) == 3)
        }
    }

    @Test func damagedObjectIsFoundByItsChecksum() async throws {
        try await with { bucket in
            bucket.fake.damage("bucket", "a.sql", at: Int(Self.range) + 1000)
            let error = try await unreadable(bucket)
            #expect(error.code == .damagedSnapshot && error.next != nil)
            #expect(error.message.contains("a.sql in gs://bucket was not read correctly: its checksum differs."))
        }
    }

    @Test(arguments: [false, true])
    func objectThatIsReplacedWhileItIsReadIsNoMixture(isRemoved: Bool) async throws {
        try await with(atOnce: 1) { bucket in
            let iterator = try await bucket.store.get("a.sql").makeAsyncIterator()
            _ = try await iterator.next()
            if isRemoved {
                bucket.fake.remove("bucket", "a.sql")
            } else {
                bucket.fake.add("bucket", "a.sql", Payload(Int(Self.payload.size), seed: 1).bytes)
            }
            let error = try await #require(throws: MigrationError.self) { while try await iterator.next() != nil {} }
            #expect(error.code == .damagedSnapshot && error.next != nil)
            #expect(error.message.contains("a.sql in gs://bucket was replaced or removed while it was being read"))
        }
    }

    @Test func rangeThatNeverComesIsGivenUp() async throws {
        try await with(patience: .milliseconds(500)) { bucket in
            bucket.fake.fault(.media, skip: 1, times: .max, .status(503))
            let error = try await unreadable(bucket)
            #expect(error.message.contains("of a.sql: 503 ") && error.next != nil)
        }
    }

    // MARK: What the store says of an object

    @Test(arguments: [
        #"{"size":"-1","crc32c":"AAAAAA==","generation":"1"}"#, #"{"size":"x","crc32c":"AAAAAA==","generation":"1"}"#,
        #"{"size":"1","crc32c":"AAA=","generation":"1"}"#, #"{"size":"1","crc32c":"?","generation":"1"}"#,
        #"{"size":"99999999999999999999","crc32c":"AAAAAA==","generation":"1"}"#,
    ])
    func nonsenseAboutAnObjectIsAskedForAgain(answer: String) async throws {
        try await with { bucket in
            bucket.fake.fault(.metadata, .answer(answer))
            try await readWell(bucket)
            #expect(bucket.times(.metadata) == 2)
        }
    }

    @Test func answerThatCannotBeReadIsAskedForAgain() async throws {
        try await with { bucket in
            for answer in ["", "{}", "<html>", "[]", #"{"size":1,"crc32c":"","generation":1}"#] {
                bucket.fake.fault(.metadata, .answer(answer))
            }
            bucket.fake.fault(.metadata, .tornAnswer(afterBytes: 10))
            bucket.fake.fault(.metadata, .status(503))
            let status = try await bucket.store.status(of: "a.sql")
            #expect(status == Self.payload.status)
            #expect(bucket.times(.metadata) == 8)
        }
    }
}
