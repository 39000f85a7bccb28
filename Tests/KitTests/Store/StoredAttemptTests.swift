import Foundation
import NIOCore
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What is said of attempts that have left objects in a bucket, and what a manifest may name of one.
@Suite struct StoredAttemptTests {
    private static let one = "run-20261130T063608Z-4f2a"
    private static let other = "run-20261130T070000Z-0001"

    private let folder: TestFolder
    private let store: DirectoryStore

    init() throws {
        folder = try TestFolder()
        store = DirectoryStore(path: folder.path.appending("it's here"))
    }

    private func manifest(_ parts: [(DumpPart.Kind, String)], files: [String] = []) -> SnapshotManifest {
        func object(_ name: String) -> StoredObject {
            var checksum = StreamChecksum()
            Array(name.utf8).withUnsafeBytes { checksum.update($0) }
            return StoredObject(name: name, checksum)
        }
        let entry = SnapshotManifest.DatabaseEntry(
            database: .primary, profile: .cloudSQL,
            parts: parts.map { DumpPart(kind: $0.0, object: object($0.1), prologue: 0, epilogue: 0) },
            contents: DumpContents())
        return SnapshotManifest(databases: [entry], files: files.map(object))
    }

    @Test func attemptsAreToldApart() {
        let names = ["\(Self.other).primary.sql", "primary.sql", "\(Self.one).summary.json", "\(Self.one).primary.sql"]
        let attempts = StoredAttempt.all(in: names)
        #expect(attempts.map(\.name.text) == [Self.one, Self.other])
        #expect(attempts.map(\.objects.count) == [2, 1])
        #expect(
            StoredAttempt.inventory(of: names) == [
                "It has primary.sql.", "It has 2 objects of \(Self.one), which is not complete.",
                "It has 1 object of \(Self.other), which is not complete.",
            ])
        #expect(StoredAttempt.inventory(of: []) == [])
    }

    @Test func noticeTellsHowToDeleteThem() throws {
        let names = ["\(Self.one).primary.sql", "\(Self.one).summary.json"]
        let attempt = try #require(StoredAttempt.all(in: names).first)
        let sizes: [String: Int64] = [names[0]: 1_500_000, names[1]: 500_000, "other": 7]
        let start =
            "\(Self.one): 2 objects, 2.00 MB, of an attempt that the manifest does not name. "
            + "Unless `src-snapshot run` is still at work there, an operator may delete them"
        #expect(
            attempt.notice(sizes, in: DirectoryStore(path: "./my bucket")).text
                == "\(start): rm -- './my bucket'/\(Self.one).*")
        let google = try GoogleCloudStorage(
            bucket: "acme", prefix: "four", environment: ["STORAGE_EMULATOR_HOST": "http://127.0.0.1:1"])
        #expect(attempt.notice(sizes, in: google).text == "\(start): gcloud storage rm 'gs://acme/four/\(Self.one).*'")
    }

    @Test func sizesAreThoseOfTheObjects() async throws {
        try await store.put("a", .once(ByteBuffer(string: "123")))
        try await store.put("b", .once(ByteBuffer()))
        #expect(try await store.sizes() == ["a": 3, "b": 0])
    }

    @Test func summaryIsFoundUnderItsAttempt() {
        let names = manifest([], files: ["\(Self.one).summary.json", "a.json", "summary.json.old"])
        #expect(names.summary?.name == "\(Self.one).summary.json")
        #expect(manifest([], files: ["summary.json"]).summary?.name == "summary.json")
        #expect(manifest([], files: ["\(Self.one).notes.json"]).summary == nil)
        #expect(names.attempts.map(\.text) == [Self.one])
    }

    @Test func partsOfTwoAttemptsAreNoDump() async throws {
        let names = ["00-extensions", "10-schema", "20-data-0001", "30-indexes"].map { "primary.\($0).sql" }
        let kinds: [DumpPart.Kind] = [.extensions, .schema, .data, .indexes]
        func flaw(_ prefixes: [String]) -> String? {
            manifest(Array(zip(kinds, zip(prefixes, names).map { $0 + $1 }))).databases[0].flaw
        }
        let mixed = "lists parts of primary.sql that are of different attempts"
        #expect(flaw(["", "", "", ""]) == nil)
        #expect(flaw(Array(repeating: "\(Self.one).", count: 4)) == nil)
        #expect(flaw(["\(Self.one).", "\(Self.one).", "\(Self.other).", "\(Self.one)."]) == mixed)
        #expect(flaw(["\(Self.one).", "\(Self.one).", "", "\(Self.one)."]) == mixed)
    }
}
