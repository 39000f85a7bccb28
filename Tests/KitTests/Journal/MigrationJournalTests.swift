import Foundation
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Who may write to a journal, and when.
@Suite(.timeLimit(.minutes(30))) struct MigrationJournalTests {
    private let folder: TestFolder
    private let store: DirectoryStore
    private struct Died: Error {}

    init() throws {
        folder = try TestFolder()
        store = DirectoryStore(path: folder.file("journal"))
    }

    private func writer(_ name: String, process: Int32 = 1, machine: String? = nil) -> JournalWriter {
        JournalWriter(run: UUID().uuidString, who: "\(name)@host", host: "host", machine: machine, process: process)
    }

    /// A run that has ended without a word.
    private func leave(by writer: JournalWriter, lease: Duration = .seconds(300)) async throws {
        let journal = MigrationJournal(store: store, lease: lease, writer: writer)
        try await journal.read()
        try await journal.append(.working(until: Date() + lease / .seconds(1)))
    }

    private func isRefused(_ writer: JournalWriter) async throws -> MigrationError? {
        do {
            try await MigrationJournal(store: store, writer: writer).working {}
            return nil
        } catch let error as MigrationError {
            return error
        }
    }

    // MARK: Who is at work

    @Test func secondRunIsRefusedAndToldWhoIsAtWork() async throws {
        let first = MigrationJournal(store: store, writer: writer("ada"))
        try await first.working {
            let error = try #require(try await isRefused(writer("grace")))
            #expect(error.code == .locked)
            #expect(error.message.contains("This migration is locked by ada@host"))
            #expect(error.next?.contains("--take-over") == true)
        }
        #expect(try await isRefused(writer("grace")) == nil)
    }

    @Test func deadRunOfTheSameMachineKeepsNobodyAway() async throws {
        var dead = JournalWriter.current()
        dead.run = "another"
        // Its number is this process's now.
        try await leave(by: dead)
        #expect(try await isRefused(.current()) == nil)
        dead.process = .max
        try await leave(by: dead)
        #expect(try await isRefused(.current()) == nil)
    }

    @Test func livingRunOfTheSameMachineKeepsOthersAway() async throws {
        var living = JournalWriter.current()
        (living.run, living.process) = ("another", getppid())
        try await leave(by: living)
        #expect(try await isRefused(.current())?.code == .locked)
    }

    @Test func runOfAnotherMachineOfThatNameKeepsOthersAwayUntilItsLeaseEnds() async throws {
        var other = JournalWriter.current()
        (other.run, other.process, other.machine) = ("another", .max, "another")
        try await leave(by: other)
        #expect(try await isRefused(.current())?.code == .locked)
        try await MigrationJournal(store: store).working(takingOver: true) {}
        try await leave(by: other, lease: .seconds(-1))
        #expect(try await isRefused(.current()) == nil)
        other.machine = nil
        try await leave(by: other)
        #expect(try await isRefused(.current())?.code == .locked)
    }

    @Test func runThatIsPushedAsideStopsAtItsNextEntry() async throws {
        let pushed = MigrationJournal(store: store, writer: writer("ada"))
        let error = try await #require(throws: MigrationError.self) {
            try await pushed.working {
                try await MigrationJournal(store: store, writer: writer("grace")).working(takingOver: true) {
                    try await pushed.step("load") { "done" }
                }
            }
        }
        #expect(error.code == .locked)
        #expect(error.message == "grace@host (process 1) has taken over this migration.")
        let journal = MigrationJournal(store: store)
        try await journal.read()
        #expect(await journal.state.steps.isEmpty)
    }

    /// Of several things that it does at once, one meets the other's entry first.
    @Test func runThatWasPushedAsideWritesNothingMore() async throws {
        let pushed = MigrationJournal(store: store, writer: writer("ada"))
        try await pushed.append(.working(until: Date() + 300))
        try await leave(by: writer("grace"))
        for _ in 1...3 {
            let error = await #expect(throws: MigrationError.self) { try await pushed.step("load") { "done" } }
            #expect(error?.code == .locked)
        }
        let journal = MigrationJournal(store: store)
        try await journal.read()
        #expect(await journal.entries.count == 2)
    }

    @Test func runThatIsPushedAsideIsStoppedByItsSignOfLife() async throws {
        let pushed = MigrationJournal(store: store, lease: .milliseconds(300), writer: writer("ada"))
        let error = try await #require(throws: MigrationError.self) {
            try await pushed.working {
                let other = MigrationJournal(store: store, writer: writer("grace"))
                try await other.working(takingOver: true) {}
                try await Task.sleep(for: .seconds(600))
            }
        }
        #expect(error.code == .locked)
    }

    @Test func runGivesSignsOfLifeWhileItWorks() async throws {
        let journal = MigrationJournal(store: store, lease: .milliseconds(30))
        try await journal.working {
            try await waitUntil("four entries", last: "\(await journal.entries)") {
                await journal.entries.count >= 4
            }
        }
        #expect(await journal.state.holder == nil)
    }

    @Test func signOfLifeTellsHowFarTheWorkIs() async throws {
        let journal = MigrationJournal(store: store, lease: .milliseconds(30))
        await journal.tell { ["pgsql: 44%, 249 MB of about 557 MB"] }
        let reader = MigrationJournal(store: store)
        try await journal.working {
            try await waitUntil("what goes on", last: "\(await reader.entries)") {
                try await reader.read()
                return await reader.state.holder?.doing == ["pgsql: 44%, 249 MB of about 557 MB"]
            }
        }
        #expect(await journal.state.holder == nil)
    }

    @Test func runThatThrowsHoldsNothing() async throws {
        await #expect(throws: Died.self) {
            try await MigrationJournal(store: store, writer: writer("ada")).working { throw Died() }
        }
        #expect(try await isRefused(writer("grace")) == nil)
    }

    // MARK: Steps

    @Test func stepThatIsDoneIsNotDoneAgain() async throws {
        for _ in 1...2 {
            let journal = MigrationJournal(store: store)
            try await journal.working {
                let isFirst = await journal.state.steps.isEmpty
                try await journal.step("load") {
                    #expect(isFirst)
                    return "loaded"
                }
            }
            #expect(await journal.state.step("load")?.result == "loaded")
        }
    }

    @Test func stepWhoseOperationGoesOnHasNotFailed() async throws {
        let journal = MigrationJournal(store: store)
        let lost = MigrationError(.failed, "The network is gone.")
        await #expect(throws: MigrationError.self) {
            try await journal.step("load", undoing: ["reset"]) {
                await journal.markRunning("load/import")
                try await journal.append(.waiting(step: "load/import", operation: "one"))
                throw lost
            }
        }
        #expect(await journal.state.step("load")?.error == nil)
        #expect(await journal.operation("load/import") == .made("one"))
    }

    @Test func failedOperationUndoesWhatItHasTornInOneEntry() async throws {
        let journal = MigrationJournal(store: store)
        try await journal.step("reset") { "empty" }
        let count = await journal.entries.count
        await #expect(throws: MigrationError.self) {
            try await journal.step("load", undoing: ["reset", "load"]) {
                await journal.markRunning("load/import")
                try await journal.append(.waiting(step: "load/import", operation: "one"))
                await journal.markEnded("load/import")
                throw MigrationError(.failed, "It is torn.")
            }
        }
        #expect(await journal.entries.count == count + 3)
        #expect(await journal.state.isFinished("reset") == false)
        #expect(await journal.state.step("load")?.error == "It is torn.")
        #expect(await journal.state.operation("load/import") == nil)
    }

    @Test func errorOfAnyLengthFitsIntoAnEntry() async throws {
        let journal = MigrationJournal(store: store)
        let text = String(repeating: "\u{1B}error ", count: 1 << 20)
        await #expect(throws: MigrationError.self) {
            try await journal.step("load") { throw MigrationError(.failed, text) }
        }
        let again = MigrationJournal(store: store)
        try await again.read()
        let error = try #require(await again.state.step("load")?.error)
        #expect(error.hasPrefix("\\u{1b}error ") && error.utf8.count < 1 << 20)
    }
}
