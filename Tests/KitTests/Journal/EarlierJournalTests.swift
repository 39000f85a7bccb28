import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit

/// A journal that version 0.1.0 has written, of a run that was killed after `initialise`, which it spelled so.
@Suite struct EarlierJournalTests {
    private let folder: TestFolder
    private let objects: [String: String]

    init() throws {
        folder = try TestFolder()
        let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/journals/format-2.json")
        objects = try JSONText.decode([String: String].self, from: Array(try Data(contentsOf: url)))
    }

    private func entry(_ number: Int) throws -> String { try #require(objects[JournalReader.name(number)]) }

    /// The journal, as far as it was when that entry was written.
    private func journal(until last: Int = 72) async throws -> MigrationJournal {
        try FileManager.default.createDirectory(
            atPath: folder.file("journal").string, withIntermediateDirectories: true)
        for (name, text) in objects where name.count > 11 || name <= JournalReader.name(last) {
            try folder.write("journal/\(name)", text)
        }
        let journal = MigrationJournal(store: DirectoryStore(path: folder.file("journal")))
        try await journal.read()
        return journal
    }

    @Test func entriesAreWrittenAsTheyWere() async throws {
        let entries = try await journal().entries
        #expect(entries.count == 72)
        for entry in entries {
            let text = try self.entry(entry.number).replacing("\"initialise\"", with: "\"initialize\"")
            #expect(try JSONText.encode(entry) == text)
        }
    }

    @Test func itsStepsAreKnown() async throws {
        let state = try await journal().state
        // It had no step `match`, and goes on without.
        #expect(state.way == MigrationStep.allCases.filter { ![.validate, .backup, .match].contains($0) })
        #expect(state.way.filter { state.progress(of: $0).isOver } == state.way.filter { $0 < .check })
        #expect(state.progress(of: .initialize) == .skipped && state.progress(of: .check) == .toDo)
        #expect(state.steps.filter { $0.name.step == .upgrade }.map(\.name.part) == ["", "upgrade", "up", "validate"])
        #expect(
            state.parts(of: .load).map(\.name) == ["load primary.sql", "load codeintel.sql", "load codeinsights.sql"])
        let run = RunReport(journal: state)
        #expect(!run.isComplete && run.steps.first { !$0.state.isOver }?.step == .check)
        #expect(run.steps.first { $0.step == .load }?.seconds.map { ($0 * 1000).rounded() } == 984)
    }

    @Test func nextRunGoesOnWithIt() async throws {
        let journal = try await journal()
        try await journal.working(takingOver: true) {
            for step in ["reset pgsql", "load primary.sql", "upgrade up", "initialize"] as [JournaledStep] {
                try await journal.step(step) {
                    Issue.record("\(step) is done")
                    return ""
                }
            }
            let path: UpgradePath? = try await journal.record(of: "upgrade")
            #expect(path?.commands.map(\.name) == ["upgrade", "up", "validate"])
            let proof: ContentProof? = try await journal.record(of: "prove codeintel-db")
            #expect(proof?.isEqual == true)
            try await journal.step("check") { "fine" }
        }
        let again = MigrationJournal(store: DirectoryStore(path: folder.file("journal")))
        try await again.read()
        #expect(await again.state.progress(of: .check) == .done)
    }

    @Test func jobThatItHasBegunIsFound() async throws {
        let journal = try await journal(until: 60)
        #expect(await journal.state.operationsAtWork == ["upgrade-upgrade-cs26sh"])
        let name = try await journal.job("upgrade upgrade/1") { $0 }
        #expect(name == "upgrade-upgrade-cs26sh")
    }

    @Test func reportTellsOfIt() async throws {
        let journal = try await journal()
        let bucket = DirectoryStore(path: folder.file("bucket"))
        let report = try await ReportMigration(store: bucket, server: "server", journal: journal).run()
        #expect(report.verdict.kind == .unfinished && report.verdict.step == "check")
        #expect(
            report.steps.first { $0.step == .initialize }?.parts.first?.attempts.first?.text == "by hand, ticket 4711")
        #expect(report.databases.compactMap(\.proof).allSatisfy(\.isEqual) && report.databases.count == 3)
    }
}
