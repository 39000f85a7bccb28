import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// A customer's folder with a key, and Google's storage on this machine.
struct CommandPlace: Sendable {
    let workplace: Workplace
    let fake: FakeGoogleStorage

    var folder: ScratchFolder { workplace.folder }

    /// Leads commands with a key to the fake.
    var environment: [String: String] { ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": fake.endpoint] }

    /// A fake that wants tokens, for as long as the body runs.
    ///
    /// - Parameter dumps: What is in `src-snapshot/`.
    static func with(
        _ dumps: [Database: CommandDump] = [:], _ options: FakeGoogleStorage.Options = .init(),
        _ body: (CommandPlace) async throws -> Void
    ) async throws {
        var options = options
        options.requiresToken = true
        try await FakeGoogleStorage.running(options) { fake in
            let place = CommandPlace(workplace: try await Workplace(), fake: fake)
            try place.folder.write("key.json", try fake.serviceAccountKey())
            for (database, dump) in dumps { try place.write(dump.text, as: database) }
            try await body(place)
        }
    }

    /// One of them in parts.
    static let threeDumps: [Database: CommandDump] = [
        .primary: .medium, .codeintel: .small, .codeinsights: .small,
    ]
    /// For who asks what is sent, and not how.
    static let smallDumps: [Database: CommandDump] = [.primary: .small, .codeintel: .small, .codeinsights: .small]

    func write(_ dump: Data, as database: Database) throws {
        try folder.write("src-snapshot/\(database.dumpName)", dump)
    }

    func writeSummary() throws { try folder.write("src-snapshot/summary.json", "{\"version\": \"5.1.8\"}\n") }

    /// Uploads with the key, to `bucket` if no other is named, in parts of 5 MiB.
    func upload(
        _ options: String..., environment more: [String: String] = [:],
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await upload(options, environment: more, whileRunning: whileRunning)
    }

    func upload(
        _ options: [String], environment more: [String: String] = [:],
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        let bucket = options.contains { $0.hasPrefix("-bucket=") } ? [] : ["-bucket=bucket"]
        return try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["upload"] + bucket + ["-credentials=key.json", "--part-size=5"] + options,
            environment: environment.merging(more) { $1 }, whileRunning: whileRunning)
    }

    /// Uploads only `primary.sql`.
    func uploadPrimary(
        _ options: String..., whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await upload(["-file=primary.sql", "--partial"] + options, whileRunning: whileRunning)
    }

    /// An object's bytes; nil if there is none.
    func object(_ name: String) -> Data? {
        fake.object("bucket", name).map { Data($0.bytes.readableBytesView) }
    }

    /// Names of all objects.
    var objects: [String] { fake.objectNames(in: "bucket") }

    /// Uploads with parts that would be paid for.
    var paidUploads: [String] {
        fake.change { state in state.uploads.filter { !$0.value.parts.isEmpty }.keys.sorted() }
    }

    /// Bytes of parts that have come.
    var partBytes: Int64 { fake.requests.filter(\.operation.isPart).reduce(0) { $0 + $1.bodyBytes } }

    /// The files in which uploads are noted, by path.
    func notes() throws -> [String] {
        try folder.list("src-snapshot/.upload").flatMap { bucket in
            try folder.list("src-snapshot/.upload/\(bucket)").map { "src-snapshot/.upload/\(bucket)/\($0)" }
        }
    }
}

extension ScratchFolder {
    func append(_ text: String, to name: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: file(name).string))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }
}
