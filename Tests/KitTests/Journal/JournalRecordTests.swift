import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What steps find out is kept beside the journal's entries, and counts only as it was kept.
@Suite struct JournalRecordTests {
    private struct Found: Codable, Equatable {
        var rows: Int
        var note = "found"
    }

    private let folder: TestFolder
    private let store: DirectoryStore

    init() throws {
        folder = try TestFolder()
        store = DirectoryStore(path: folder.file("journal"))
    }

    /// A journal as the next run reads it.
    private func reading() async throws -> MigrationJournal {
        let journal = MigrationJournal(store: store)
        try await journal.read()
        return journal
    }

    /// Keeps something of a step.
    ///
    /// - Returns: The object's name.
    private func keep(_ found: Found, of step: JournaledStep = "prove pgsql") async throws -> String {
        let journal = try await reading()
        try await journal.step(step) {
            try await journal.keep(found, of: step)
            return "done"
        }
        return try #require(await journal.state.step(step)?.record)
    }

    private func refusal(of step: JournaledStep = "prove pgsql") async throws -> MigrationError {
        let journal = try await reading()
        return try await #require(throws: MigrationError.self) { let _: Found? = try await journal.record(of: step) }
    }

    @Test func nextRunReadsWhatAStepHasKept() async throws {
        _ = try await keep(Found(rows: 7))
        let found: Found? = try await reading().record(of: "prove pgsql")
        #expect(found == Found(rows: 7))
        let nothing: Found? = try await reading().record(of: "analyze pgsql")
        #expect(nothing == nil)
    }

    @Test func recordIsNamedByItsContentAndKeptOnce() async throws {
        let name = try await keep(Found(rows: 7))
        let bytes = try Data(contentsOf: URL(filePath: folder.file("journal/\(name)").string))
        #expect(name == "\(JournalReader.hash(bytes)).json")
        #expect(try await keep(Found(rows: 7), of: "prove codeintel-db") == name)
        #expect(try await keep(Found(rows: 8), of: "prove codeinsights-db") != name)
        let entries = try await reading().entries.count
        #expect(try await store.list().count == entries + 2)
    }

    @Test func recordBesideTheEntriesIsNoEntry() async throws {
        _ = try await keep(Found(rows: 7))
        let journal = try await reading()
        #expect(await journal.entries.map(\.number) == [1, 2, 3])
        #expect(await journal.state.isFinished("prove pgsql"))
    }

    @Test func recordThatWasAlteredIsRefused() async throws {
        let name = try await keep(Found(rows: 7))
        try folder.write("journal/\(name)", #"{"note":"found","rows":8}"#)
        let error = try await refusal()
        #expect(error.code == .damagedSnapshot && error.message.contains("is not what prove pgsql recorded."))
        #expect(error.next != nil)
    }

    @Test func recordThatIsMissingIsRefused() async throws {
        let name = try await keep(Found(rows: 7))
        try FileManager.default.removeItem(atPath: folder.file("journal/\(name)").string)
        let error = try await refusal()
        #expect(error.code == .damagedSnapshot && error.message.contains(name), "\(error)")
        #expect(error.next != nil)
    }

    @Test func placeThatSomebodyElseHasTakenIsRefused() async throws {
        let text = try JSONText.encode(Found(rows: 7), pretty: false)
        try FileManager.default.createDirectory(
            atPath: folder.file("journal").string, withIntermediateDirectories: true)
        try folder.write("journal/\(JournalReader.hash(text.utf8)).json", "something else")
        let error = try await #require(throws: MigrationError.self) { _ = try await keep(Found(rows: 7)) }
        #expect(error.code == .damagedSnapshot)
        #expect(try await reading().state.isFinished("prove pgsql") == false)
    }

    @Test func recordOutlivesARepetitionOfItsStepAndGoesWithItsUndoing() async throws {
        _ = try await keep(Found(rows: 7), of: "upgrade")
        let journal = try await reading()
        try await journal.append(.began(step: "upgrade"))
        #expect(try await journal.record(of: "upgrade") == Found(rows: 7))
        try await journal.append(.undone(steps: ["upgrade"], reason: "the databases were restored"))
        #expect(try await journal.record(of: "upgrade", as: Found.self) == nil)
    }

    @Test func recordIsKeptInMemoryWhereTheJournalIs() async throws {
        let journal = MigrationJournal(store: nil)
        try await journal.append(.began(step: "prove pgsql"))
        try await journal.keep(Found(rows: 7), of: "prove pgsql")
        #expect(try await journal.record(of: "prove pgsql") == Found(rows: 7))
    }
}
