import Foundation
import Testing

@testable import MigrationKit

/// What the entries of a journal come to.
@Suite struct ReportHistoryTests {
    private let ada = ReportSample.ada
    private let grace = ReportSample.grace
    private let opened = JournalEvent.opened(ReportSample.identity, plan: nil)

    private func told(_ part: MigrationReport.Part?) -> [String] {
        (part?.attempts ?? []).map { attempt in
            [attempt.outcome.rawValue, attempt.seconds.map { "\(Int($0))" }, attempt.text, attempt.undone]
                .compactMap(\.self).joined(separator: " ")
        }
    }

    @Test func attemptsAreToldWithTheirEnds() {
        let history = ReportSample.history([
            (0, ada, .working(until: .distantPast)), (1, ada, opened), (2, ada, .began(step: "reset pgsql")),
            (5, ada, .finished(step: "reset pgsql", result: "empty")), (6, ada, .began(step: "load primary.sql")),
            (9, ada, .failed(step: "load primary.sql", error: "no room")), (9, ada, .released),
            (100, grace, .working(until: .distantPast)), (101, grace, .began(step: "load primary.sql")),
            (121, grace, .finished(step: "load primary.sql", result: "loaded")),
            (122, grace, .skipped(step: "analyze pgsql", reason: "later")), (123, grace, .released),
        ])
        #expect(history.parts.map(\.name) == ["reset pgsql", "load primary.sql", "analyze pgsql"])
        #expect(told(history.parts[0]) == ["done 3 empty"])
        #expect(told(history.parts[1]) == ["failed 3 no room", "done 20 loaded"])
        #expect(history.parts[1].state == .done && history.parts[1].attempts.map(\.run) == [0, 1])
        #expect(told(history.parts[2]) == ["skipped 0 later"])
        #expect(history.runs.map(\.who) == ["ada@ops", "grace@ops"] && history.runs.allSatisfy(\.hasEnded))
        #expect(history.runs.map(\.entries) == [7, 5])
    }

    @Test func loadThatHasTornItsDatabaseHasFailedAndWhatItNeedsIsToDo() {
        let history = ReportSample.history([
            (0, ada, opened), (1, ada, .began(step: "reset pgsql")),
            (2, ada, .finished(step: "reset pgsql", result: "")), (3, ada, .began(step: "load primary.sql")),
            (8, ada, .undone(steps: ["reset pgsql", "load primary.sql", "prove pgsql"], reason: "torn")),
        ])
        #expect(history.parts.map(\.state) == [.toDo, .failed])
        #expect(told(history.parts[1]) == ["failed 5 torn torn"])
    }

    @Test func attemptOfARunThatDiedEndsWithItsLastSignOfLife() {
        let events: [(Int, JournalWriter, JournalEvent)] = [
            (0, ada, opened), (3, ada, .began(step: "load primary.sql")), (60, ada, .working(until: .distantPast)),
        ]
        let died = ReportSample.history(events)
        #expect(told(died.parts.first) == ["stopped 57"])
        #expect(died.runs.map(\.hasEnded) == [false])
        let living = ReportSample.history(events, atWork: "1")
        #expect(living.parts.first?.state == .atWork && living.parts.first?.attempts.first?.endedAt == nil)
        #expect(living.runs.map(\.isAtWork) == [true])
        let found = ReportSample.history(
            events + [(900, grace, .undone(steps: ["load primary.sql"], reason: "a run was stopped"))])
        #expect(told(found.parts.first) == ["stopped 57 a run was stopped a run was stopped"])
    }

    @Test func importThatWasLeftBehindIsOnlyCounted() {
        let history = ReportSample.history([
            (0, ada, .working(until: .distantPast)), (1, ada, opened), (2, ada, .began(step: "reset pgsql")),
            (3, ada, .released),
            (10, grace, .working(until: .distantPast)), (11, grace, opened),
            (12, grace, .began(step: "reset codeintel-db")),
        ])
        #expect(history.earlier == 1)
        #expect(history.parts.map(\.name) == ["reset codeintel-db"])
        #expect(history.runs.map(\.who) == ["grace@ops"] && history.runs[0].entries == 3)
    }

    @Test func entriesThatCannotBeAreTakenAsTheyAre() {
        let history = ReportSample.history([
            (9, ada, .finished(step: "load x", result: "")), (8, ada, .undone(steps: ["proxy"], reason: "")),
            (7, ada, .began(step: "start")), (1, ada, .finished(step: "start", result: "")),
        ])
        #expect(history.parts.map(\.name) == ["start"] && history.parts[0].seconds == 0)
        #expect(ReportSample.history([]).runs.isEmpty)
    }

    @Test func stepIsDoneWhenItIsDoneToEachDatabase() {
        func part(_ name: JournaledStep, _ outcome: StepProgress) -> MigrationReport.Part {
            .init(name: name, attempts: [.init(beganAt: .distantPast, outcome: outcome, run: 0)])
        }
        func state(_ parts: [MigrationReport.Part], _ step: MigrationStep = .load) -> StepProgress? {
            MigrationReport.Step.all(parts, databases: 2, isImported: false).first { $0.step == step }?.state
        }
        #expect(state([]) == .toDo)
        #expect(state([part("load a", .done)]) == .begun)
        #expect(state([part("load a", .done), part("load b", .done)]) == .done)
        #expect(state([part("load a", .done), part("load b", .failed)]) == .failed)
        #expect(state([part("load a", .done), part("load b", .atWork)]) == .atWork)
        #expect(state([part("proxy", .done)], .proxy) == .done)
        // What stands for the whole says how far it is.
        #expect(state([part("upgrade up", .failed), part("upgrade", .done)], .upgrade) == .done)
    }
}
