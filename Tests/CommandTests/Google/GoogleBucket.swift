import FakeGoogle
import Foundation
import LoopbackServers
import Synchronization
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

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
    ///   - sizes: Of parts and pieces; Google's where a test is about so many bytes, or about a connection that they fill.
    ///   - patience: For how long is tried again. Long, but for what is to fail: the machine may be busy.
    ///   - needsToken: Whether requests need a token, which the fake hands out.
    ///   - change: How objects are sent, if not in four of the smallest parts at once.
    static func with(
        _ options: FakeGoogleStorage.Options = .init(), sizes: TransferSizes = .small,
        patience: Duration = .seconds(60), needsToken: Bool = false,
        _ change: (inout GoogleCloudStorage.Options) -> Void = { _ in },
        body: (GoogleBucket) async throws -> Void
    ) async throws {
        var options = options
        options.requiresToken = needsToken
        options.minimumPartSize = sizes.smallestPart
        try await FakeGoogleStorage.running(options) { fake in
            var sending = GoogleCloudStorage.Options()
            sending.sizes = sizes
            sending.partSize = sizes.smallestPart
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

    /// What went wrong and was fixed, as it was told.
    var told: [String] { notices.told.withLock { $0 } }

    /// Runs `body` by a time that stands still until so many requests are stalled by the fake, and then moves on so far
    /// that they are given up; once for each number.
    func passing(stalls: Int..., body: @escaping @Sendable () async throws -> Void) async throws {
        let time = ManualTime()
        var begun = fake.record.stallsBegun
        async let done: Void = time.ruling { try await body() }
        for count in stalls {
            begun += count
            try await fake.waitUntil { [begun] in $0.stallsBegun >= begun }
            time.advance(by: store.options.stallLimit)
        }
        try await done
    }

    /// Sends the payload as `a.sql`.
    @discardableResult
    func put(_ payload: Payload, isHeld: Bool = false, notes: UploadNotes? = nil) async throws -> ObjectStatus {
        var upload = ObjectUpload(
            stream: payload.stream, expectedSize: payload.size, reread: { payload.stream($0) }, notes: notes,
            onNotice: { [notices] notice in notices.told.withLock { $0.append(notice.text) } })
        if isHeld { upload.reread = nil }
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

extension TransferSizes {
    /// Google's.
    static let real = TransferSizes()

    /// A sixty-fourth of those: bytes cost time, and most tests are about parts and not about bytes.
    static let small = TransferSizes(
        smallestPart: real.smallestPart / 64, partStep: real.partStep / 64, heldParts: real.heldParts / 64,
        smallObject: real.smallObject / 64, piece: real.piece / 64, range: real.range / 64)
}

extension FakeGoogleStorage.Options {
    /// Who may not use multipart uploads.
    static var oneStream: Self {
        var options = Self()
        options.permissions = [.objectsCreate]
        return options
    }
}

extension ScratchFolder {
    /// One that needs no servers.
    static func temporary() throws -> ScratchFolder {
        try ScratchFolder(in: FilePath(FileManager.default.temporaryDirectory.path))
    }
}
