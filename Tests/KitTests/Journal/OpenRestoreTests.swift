import SystemPackage
import Testing

@testable import MigrationKit

/// What a journal comes to when the databases go back to their copy: that is of one mind in the state, a run's table, the
/// history and the verdict.
@Suite struct OpenRestoreTests {
    private let journal = MigrationJournal(store: nil, writer: ReportSample.ada)

    /// A migration that has gone all its way.
    private func finish() async throws {
        try await journal.append(.opened(ReportSample.identity, plan: nil))
        for step in ["freeze", "reset pgsql", "load primary.sql", "prove pgsql", "analyze pgsql"] as [JournaledStep] {
            try await journal.step(step) { "done" }
        }
        try await journal.append(.completed)
        for step in MigrationStep.allCases where step >= .proxy {
            try await journal.step(JournaledStep(step)) { "\(step) done" }
        }
    }

    private func history() async -> MigrationReport.History { .init(await journal.entries, atWork: nil) }

    private func verdict() async throws -> MigrationReport.Verdict {
        let store = DirectoryStore(path: "/nonexistent")
        return try await ReportMigration(store: store, server: "server", journal: journal).run().verdict
    }

    @Test func restoreThatHasBegunIsWhatAllTell() async throws {
        try await finish()
        try await journal.append(.began(step: .restore))
        let state = await journal.state
        #expect(state.openRestore != nil && state.completedAt != nil)
        for step in MigrationStep.allCases where step >= .proxy {
            #expect(state.progress(of: step) == (step == .restorePoint ? .done : .toDo), "\(step)")
        }
        let run = RunReport(journal: state)
        #expect(!run.isComplete && run.restore?.state == .begun)
        #expect(run.table.split(separator: "\n").last?.hasPrefix("restore") == true)
        let verdict = try await verdict()
        #expect(verdict.kind == .unfinished && verdict.step == .restore)
        #expect(verdict.text.contains("mi-migrate restore") && verdict.text.contains("--from-step=reset"))
        let error = await #expect(throws: MigrationError.self) { try await RestoreDatabases.requireNoneBegun(journal) }
        #expect(error?.next?.contains("mi-migrate restore") == true)
    }

    @Test func restoreThatHasFailedIsTheVerdict() async throws {
        try await finish()
        try await journal.append(.began(step: .restore))
        try await journal.append(.failed(step: .restore, error: "no room."))
        let verdict = try await verdict()
        #expect(verdict.kind == .failed && verdict.step == .restore)
        #expect(verdict.text.hasPrefix("Restoring the databases failed. no room. Run `mi-migrate restore` again"))
        #expect(RunReport(journal: await journal.state).restore?.error == "no room.")
    }

    @Test func restoreThatWasRefusedTakesNothingBack() async throws {
        try await finish()
        let before = await journal.state.steps
        for _ in 1...2 {
            try await journal.append(.began(step: .restore))
            try await journal.append(.failed(step: .restore, error: "somebody is connected"))
            try await journal.append(.undone(steps: [.restore], reason: "somebody is connected"))
        }
        let state = await journal.state
        #expect(state.steps.filter { $0.name != .restore } == before && state.openRestore == nil)
        #expect(RunReport(journal: state).isComplete)
        #expect(await history().parts.filter { $0.name != .restore }.allSatisfy { $0.state == .done })
        try await RestoreDatabases.requireNoneBegun(journal)
    }

    /// With the entry behind it that earlier versions wrote, or without.
    @Test(arguments: [false, true])
    func restoreThatHasEndedLeavesTheUpgradeToDo(isOfEarlierVersion: Bool) async throws {
        try await finish()
        try await journal.append(.began(step: .restore))
        try await journal.append(.finished(step: .restore, result: "before-upgrade"))
        if isOfEarlierVersion {
            let steps: [JournaledStep] = ["upgrade", "start", "restore"]
            try await journal.append(.undone(steps: steps, reason: JournalState.restored))
        }
        let state = await journal.state
        #expect(state.openRestore == nil && state.progress(of: .restorePoint) == .done)
        #expect(RunReport(journal: state).steps.first { !$0.state.isOver }?.step == .proxy)
        let history = await history()
        #expect(history.restore?.state == .done)
        #expect(history.parts.first { $0.name == "upgrade" }?.attempts.last?.undone == JournalState.restored)
        let verdict = try await verdict()
        #expect(verdict.kind == .unfinished && verdict.step == "proxy")
    }

    @Test func restoreHasItsLineInTheReport() async throws {
        try await finish()
        try await journal.append(.began(step: .restore))
        let store = DirectoryStore(path: "/nonexistent")
        let report = try await ReportMigration(store: store, server: "server", journal: journal).run()
        let page = ReportPage(report: report).text
        #expect(page.contains("<li><span class=\"name\">restore</span>"))
        #expect(page.contains("<th scope=\"row\">restore</th>"))
        #expect(page.contains("Not finished"))
    }
}
