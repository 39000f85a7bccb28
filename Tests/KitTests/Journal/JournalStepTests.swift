import Synchronization
import TestSupport
import Testing

@testable import MigrationKit

/// Steps that are left out or undone, and who is told of them.
@Suite struct JournalStepTests {
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

    private func done(_ steps: [JournaledStep]) async throws -> MigrationJournal {
        let journal = try await reading()
        for step in steps { try await journal.step(step) { "done" } }
        return journal
    }

    // MARK: Left out

    @Test func skippedStepCountsAsDoneWithItsReason() async throws {
        try await reading().skip("freeze", "nothing runs there")
        let journal = try await reading()
        let step = try #require(await journal.state.step("freeze"))
        #expect(await journal.state.isFinished("freeze"))
        #expect(step.skipped == "nothing runs there" && step.finishedAt != nil && step.result == nil)
        let entries = await journal.entries.count
        try await journal.step("freeze") {
            Issue.record("it is done")
            return ""
        }
        try await journal.skip("freeze", "for another reason")
        #expect(await journal.entries.count == entries)
    }

    @Test func doneStepIsNotSkipped() async throws {
        let journal = try await done(["freeze"])
        try await journal.skip("freeze", "nothing runs there")
        #expect(await journal.state.step("freeze")?.skipped == nil)
    }

    @Test func stepThatIsUndoneIsNotSkippedAnyMore() async throws {
        let journal = try await reading()
        try await journal.skip("freeze", "nothing runs there")
        try await journal.append(.undone(steps: ["freeze"], reason: "--from-step=freeze"))
        let step = try #require(await journal.state.step("freeze"))
        #expect(step.skipped == nil && step.finishedAt == nil && step.isUndone)
    }

    @Test func reasonOfAnyLengthFitsIntoAnEntry() async throws {
        try await reading().skip("freeze", String(repeating: "\u{1B}reason ", count: 1 << 18))
        let reason = try #require(await reading().state.step("freeze")?.skipped)
        #expect(reason.hasPrefix("\\u{1b}reason ") && reason.utf8.count < 1 << 20)
    }

    // MARK: Undone

    @Test func importStaysCompletedWhenAnotherStepIsUndone() async throws {
        let journal = try await done(["reset pgsql", "load primary.sql", "prove pgsql"])
        try await journal.append(.completed)
        for step in ["restore-point", "upgrade"] as [JournaledStep] { try await journal.step(step) { "done" } }
        try await journal.append(.undone(steps: ["upgrade", "start"], reason: "the databases were restored"))
        let state = try await reading().state
        #expect(state.completedAt != nil && state.isFinished("restore-point") && !state.isFinished("upgrade"))
        #expect(state.step("upgrade")?.isUndone == true)
        #expect(state.step("upgrade")?.error == "the databases were restored")
    }

    @Test func importIsNotCompletedAnyMoreWhenOneOfItsStepsIsUndone() async throws {
        let journal = try await done(["reset pgsql", "load primary.sql", "prove pgsql"])
        try await journal.append(.completed)
        try await journal.append(.undone(steps: ["upgrade", "prove pgsql"], reason: "--from-step=prove"))
        let state = try await reading().state
        #expect(state.completedAt == nil && state.isFinished("load primary.sql") && !state.isFinished("prove pgsql"))
        try await journal.step("prove pgsql") { "again" }
        try await journal.append(.completed)
        #expect(try await reading().state.completedAt != nil)
    }

    @Test func stepThatIsDoneAgainIsNotUndoneAnyMore() async throws {
        let journal = try await done(["upgrade"])
        try await journal.append(.undone(steps: ["upgrade"], reason: "--from-step=upgrade"))
        try await journal.step("upgrade") { "again" }
        let step = try #require(await reading().state.step("upgrade"))
        #expect(!step.isUndone && step.error == nil && step.result == "again")
    }

    // MARK: Who is told

    @Test func observerIsToldOfWhatThisRunWritesAlone() async throws {
        _ = try await done(["reset pgsql"])
        let journal = try await reading()
        let told = Mutex<[String]>([])
        let observe: @Sendable (JournalEvent) -> Void = { event in
            let line =
                switch event {
                case .began(let step, _): "began \(step)"
                case .finished(let step, let result): "finished \(step): \(result)"
                case .skipped(let step, let reason): "skipped \(step): \(reason)"
                default: "\(event)"
                }
            told.withLock { $0.append(line) }
        }
        try await journal.skip("freeze", "before it looks")
        await journal.observe(observe)
        let other = try await done(["backup"])
        #expect(await other.state.isFinished("backup"))
        try await journal.read()
        try await journal.step("load primary.sql") { "loaded" }
        try await journal.skip("analyze pgsql", "later")
        #expect(
            told.withLock(\.self) == [
                "began load primary.sql", "finished load primary.sql: loaded", "skipped analyze pgsql: later",
            ])
    }
}
