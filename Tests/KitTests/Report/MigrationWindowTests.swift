import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// How long an instance was frozen, by its journal.
@Suite struct MigrationWindowTests {
    private static func time(_ seconds: Int) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + Double(seconds)) }

    /// A journal in which each step takes so long, and two loads and proofs overlap.
    private static func journal(until last: MigrationStep) -> JournalState {
        var (state, number) = (JournalState(), 0)
        func take(_ event: JournalEvent, at seconds: Int) {
            number += 1
            var entry = JournalEntry(number: number, by: .current(), previous: "", event: event)
            entry.at = time(seconds)
            state.take(entry)
        }
        let identity = MigrationIdentity(
            snapshot: "b", manifest: "m", target: "t", databases: ["primary.sql", "codeintel.sql"])
        take(.opened(identity, plan: nil), at: 0)
        var now = 100
        for step in MigrationStep.allCases where step > .validate && step != .backup && step <= last {
            guard step.isDoneToEachDatabase else {
                take(.began(step: JournaledStep(step)), at: now)
                take(.finished(step: JournaledStep(step), result: ""), at: now + 10)
                now += 10
                continue
            }
            let parts = [Database.primary, .codeintel].map {
                step == .load ? JournaledStep.load($0.dumpName) : step.of($0)
            }
            for part in parts { take(.began(step: part), at: now) }
            for part in parts { take(.finished(step: part, result: ""), at: now + 60) }
            now += 60
            if step == .analyze { take(.completed, at: now) }
        }
        return state
    }

    @Test func windowGoesFromTheFreezeToTheLastStep() throws {
        let window = try #require(MigrationWindow(Self.journal(until: .notice)))
        let single = MigrationStep.allCases.count { $0 > .validate && $0 != .backup && !$0.isDoneToEachDatabase }
        #expect(window.beganAt == Self.time(100))
        #expect(window.seconds == Double(4 * 60 + single * 10))
        #expect(window.secondsOneByOne == Double(8 * 60 + single * 10))
        #expect(window.description.contains("one after the other, its steps would have taken"))
    }

    @Test func nothingIsToldOfAnUnfinishedMigration() {
        #expect(MigrationWindow(Self.journal(until: .start)) == nil)
        #expect(MigrationWindow(JournalState()) == nil)
    }

    @Test func whatIsDoneAtTheSameTimeCountsOnce() {
        func attempt(_ begin: Int, _ end: Int?) -> MigrationReport.Attempt {
            .init(beganAt: Self.time(begin), endedAt: end.map(Self.time), outcome: .done, run: 0)
        }
        let attempts = [attempt(0, 10), attempt(5, 20), attempt(6, 8), attempt(30, 31), attempt(40, nil)]
        #expect(attempts.secondsCovered == 21)
        #expect([MigrationReport.Attempt]().secondsCovered == 0)
    }

    @Test func sharesAddUpToTheWindowAndTellWhatOverlapped() throws {
        func step(_ step: MigrationStep, _ attempts: (Int, Int)...) -> MigrationReport.Step {
            let parts = attempts.enumerated().map { index, times in
                MigrationReport.Part(
                    name: JournaledStep(step, .dump("\(index)")),
                    attempts: [
                        .init(beganAt: Self.time(times.0), endedAt: Self.time(times.1), outcome: .done, run: 0)
                    ])
            }
            return MigrationReport.Step(step: step, state: .done, parts: parts)
        }
        var window = try #require(MigrationWindow(Self.journal(until: .notice)))
        (window.beganAt, window.endedAt) = (Self.time(0), Self.time(100))
        // The validation was before the freeze.
        let shares = WindowShares(
            window,
            [
                step(.validate, (-50, -10)), step(.freeze, (0, 10)), step(.load, (20, 50), (30, 60)),
                step(.prove, (50, 90)),
            ]
        ).shares
        #expect(
            shares == [
                .init(steps: [.freeze], seconds: 10), .init(steps: [], seconds: 20),
                .init(steps: [.load], seconds: 30), .init(steps: [.load, .prove], seconds: 10),
                .init(steps: [.prove], seconds: 30),
            ])
    }

    @Test func pageShowsTheWindowAndItsShares() throws {
        var window = try #require(MigrationWindow(Self.journal(until: .notice)))
        var report = ReportSample.report()
        #expect(!ReportPage(report: report).text.contains("class=\"shares\""))
        (window.beganAt, window.endedAt) = (ReportSample.time(0), ReportSample.time(100))
        report.window = window
        let page = ReportPage(report: report).text
        #expect(page.contains("<h3 id=\"window\">Frozen until handed over: 1 min 40 s"))
        #expect(page.contains("<rect class=\"share\" x=\"0.00%\" width=\"50.00%\" height=\"100%\"/>"))
        #expect(page.contains("<li><b>freeze</b> 50.0 s, 50%</li>\n<li><b>no step</b> 10.0 s, 10%</li>"))
    }
}
