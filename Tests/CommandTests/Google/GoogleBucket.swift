import Foundation
import NIOCore
import Synchronization
import SystemPackage
import Testing

@testable import MigrationKit

/// A bucket of a fake's, the store that fills it, and what a good upload leaves there.
struct GoogleBucket: Sendable {
    let fake: FakeGoogleStorage
    let store: GoogleCloudStorage
    private let notices = Notices()

    private final class Notices: Sendable { let told = Mutex<[String]>([]) }

    /// A bucket for as long as the body runs.
    ///
    /// - Parameters:
    ///   - options: How the fake behaves.
    ///   - patience: For how long is tried again. Long, but for what is to fail: the machine may be busy.
    ///   - needsToken: Whether requests need a token, which the fake hands out.
    ///   - change: How objects are sent, if not in four parts of 5 MiB at once.
    static func with(
        _ options: FakeGoogleStorage.Options = .init(), patience: Duration = .seconds(60), needsToken: Bool = false,
        _ change: (inout GoogleCloudStorage.Options) -> Void = { _ in },
        body: (GoogleBucket) async throws -> Void
    ) async throws {
        var options = options
        options.requiresToken = needsToken
        try await FakeGoogleStorage.running(options) { fake in
            var sending = GoogleCloudStorage.Options()
            sending.partSize = 5 << 20
            sending.parallelParts = 4
            sending.retry.patience = patience
            sending.retry.firstDelay = .milliseconds(5)
            sending.retry.longestDelay = .milliseconds(20)
            change(&sending)
            try await body(GoogleBucket(fake, sending, needsToken))
        }
    }

    init(_ fake: FakeGoogleStorage, _ options: GoogleCloudStorage.Options, _ needsToken: Bool = false) throws {
        self.fake = fake
        guard needsToken else {
            store = try GoogleCloudStorage(
                bucket: "bucket", options: options, environment: ["STORAGE_EMULATOR_HOST": fake.endpoint])
            return
        }
        let folder = try ScratchFolder.temporary()
        try folder.write("user.json", fake.authorizedUser())
        let environment = ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": fake.endpoint]
        store = try GoogleCloudStorage(
            bucket: "bucket", credentials: .file(folder.file("user.json"), environment: environment), options: options,
            environment: environment)
    }

    /// What went wrong and was mended, as it was told.
    var told: [String] { notices.told.withLock { $0 } }

    /// Sends the payload as `a.sql`.
    @discardableResult
    func put(_ payload: Payload, isHeld: Bool = false, notes: UploadNotes? = nil) async throws -> ObjectStatus {
        var upload = ObjectUpload(
            stream: payload.stream, expectedSize: payload.size, again: { payload.stream($0) }, notes: notes,
            onNotice: { [notices] notice in notices.told.withLock { $0.append(notice) } })
        if isHeld { upload.again = nil }
        return try await store.put("a.sql", upload)
    }

    /// Sends what the store has to take, and looks at what came of it.
    func putWell(_ payload: Payload, isHeld: Bool = false, notes: UploadNotes? = nil) async throws {
        let status = try await put(payload, isHeld: isHeld, notes: notes)
        #expect(status == payload.status)
        holds(payload)
    }

    /// Sends what cannot be stored.
    func refused(_ payload: Payload, notes: UploadNotes? = nil) async throws -> MigrationError {
        try await #require(throws: MigrationError.self) { try await put(payload, notes: notes) }
    }

    /// The object is what was sent, and nothing is left beside it.
    func holds(_ payload: Payload) {
        let isEqual = fake.object("bucket", "a.sql")?.bytes == payload.bytes
        #expect(isEqual)
        #expect(fake.objectNames(in: "bucket") == ["a.sql"])
        leavesNothing()
    }

    func leavesNothing() {
        #expect(fake.openUploads == [])
        #expect(fake.violations == [])
    }

    /// How often each part was sent.
    func timesSent(_ parts: ClosedRange<Int>) -> [Int] {
        parts.map { fake.bytesReceived(part: $0, of: "a.sql").count }
    }

    func times(_ operation: FakeOperation) -> Int { fake.requests(for: operation).count }
}

/// Bytes of which no two stretches are alike.
struct Payload: Sendable, CustomTestStringConvertible {
    let bytes: ByteBuffer
    let status: ObjectStatus

    init(_ count: Int, seed: UInt8 = 0) {
        var bytes = ByteBufferAllocator().buffer(capacity: count + (64 << 10))
        var block = FakeGoogleStorageTests.bytes(64 << 10)
        while bytes.readableBytes < count {
            block.setInteger(UInt64(bytes.readableBytes) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(seed), at: 0)
            bytes.writeImmutableBuffer(block)
        }
        bytes.moveWriterIndex(to: count)
        self.bytes = bytes
        status = ObjectStatus(size: Int64(count), crc32c: FakeChecksum.of(bytes))
    }

    /// Three parts: two of 5 MiB, and a short one that is cheap to send again.
    static let threeParts = Payload((10 << 20) + 1000)
    /// Fits in one piece.
    static let small = Payload((1 << 20) + 1000)
    /// One piece of 16 MiB and a short one.
    static let twoPieces = Payload((16 << 20) + 1000)

    var size: Int64 { Int64(bytes.readableBytes) }
    var stream: ByteStream { stream(0..<size) }
    var testDescription: String { "\(size) bytes" }

    func stream(_ range: Range<Int64>) -> ByteStream {
        let rest = Mutex(bytes.getSlice(at: Int(range.lowerBound), length: range.count) ?? ByteBuffer())
        return ByteStream {
            rest.withLock { rest in
                rest.readableBytes > 0 ? rest.readSlice(length: min(rest.readableBytes, 300_000)) : nil
            }
        }
    }
}

extension ScratchFolder {
    /// One that needs no servers.
    static func temporary() throws -> ScratchFolder {
        try ScratchFolder(in: FilePath(FileManager.default.temporaryDirectory.path))
    }
}
