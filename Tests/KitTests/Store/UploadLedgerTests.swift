import Foundation
import NIOCore
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What starting an upload over does to the notes of earlier ones.
@Suite struct UploadLedgerTests {
    /// A folder that is taken for a bucket which nobody may look into.
    private struct WriteOnceStore: ObjectStore {
        let base: DirectoryStore
        var location: String { "gs://bucket" }
        var isWriteOnce: Bool { true }
        func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
            try await base.put(name, upload)
        }
        func get(_ name: String) async throws -> ByteStream { try await base.get(name) }
        func status(of name: String) async throws -> ObjectStatus? { try await base.status(of: name) }
        func list() async throws -> [String] { try await base.list() }
    }

    private let folder: TestFolder
    private let source: SourceFingerprint

    init() async throws {
        folder = try TestFolder()
        source = try await SourceFingerprint(try folder.write("a.sql", "x"))
    }

    private func ledger(startsOver: Bool = false) async throws -> UploadLedger {
        try await UploadLedger(
            folder: SnapshotFolder(path: folder.path),
            store: WriteOnceStore(base: DirectoryStore(path: folder.file("b"))),
            startsOver: startsOver)
    }

    private func finish(_ name: String, _ ledger: UploadLedger) async throws {
        let notes = try #require(try await ledger.notes(for: name, source: source) { _ in })
        try notes.note(session: "http://127.0.0.1/\(name)")
    }

    @Test func notesAreBackWhereTheNewUploadCameToNothing() async throws {
        try await finish("primary.sql", ledger())
        #expect(try await ledger(startsOver: true).state("primary.sql")?.begun == nil)
        #expect(try await ledger().state("primary.sql")?.session == "http://127.0.0.1/primary.sql")
    }

    @Test func newNotesCountOnceTheyHaveBegun() async throws {
        try await finish("primary.sql", ledger())
        let again = try await ledger(startsOver: true)
        _ = try await again.notes(for: "primary.sql", source: source) { _ in }
        #expect(try await ledger().state("primary.sql")?.session == nil)
        #expect(try await ledger().state("primary.sql")?.begun != nil)
    }

    @Test func earlierNotesAreGoneOnceTheNewUploadHasSucceeded() async throws {
        try await finish("primary.sql", ledger())
        try await ledger(startsOver: true).forgetEarlier()
        #expect(try await ledger().state("primary.sql")?.begun == nil)
    }

    @Test func notesThatCannotBeReadAreToldAndBegunAgain() async throws {
        try await finish("primary.sql", ledger())
        let told = Mutex<[String]>([])
        func notes() async throws -> UploadNotes? {
            try await ledger().notes(for: "primary.sql", source: source) { event in
                if let text = event.text { told.withLock { $0.append(text) } }
            }
        }
        #expect(try await notes()?.current.session != nil && told.withLock(\.self) == [])
        let file = try #require(try await notes()).path
        try #require(FileManager.default.createFile(atPath: file.string, contents: Data("no notes\n".utf8)))
        #expect(try await notes()?.current.session == nil)
        #expect(
            told.withLock(\.self).map { $0.contains("\(file) is damaged. Sending it from the beginning.") } == [true])
        #expect(try await notes()?.current.begun != nil && told.withLock(\.self).count == 1)
    }

    @Test func startingOverTwiceKeepsTheFirstNotes() async throws {
        try await finish("primary.sql", ledger())
        let again = try await ledger(startsOver: true)
        _ = try await again.notes(for: "primary.sql", source: source) { _ in }
        _ = try await ledger(startsOver: true)
        #expect(try await ledger().state("primary.sql")?.session == "http://127.0.0.1/primary.sql")
    }
}
