import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump
@testable import MigrationKitSourcegraphAPI

/// A report of a journal in a folder.
@Suite struct ReportMigrationTests {
    private let folder: TestFolder
    private let bucket: DirectoryStore
    private let journal: MigrationJournal

    init() throws {
        folder = try TestFolder()
        bucket = DirectoryStore(path: folder.file("bucket"))
        journal = MigrationJournal(store: DirectoryStore(path: folder.file("journal")), writer: ReportSample.ada)
    }

    private func report() async throws -> MigrationReport {
        let journal = MigrationJournal(store: DirectoryStore(path: folder.file("journal")))
        return try await ReportMigration(store: bucket, server: "server", journal: journal).run(
            at: ReportSample.time(0))
    }

    private func proof(isEqual: Bool = true) -> ContentProof {
        let table = TableName(schema: "public", name: "users")
        return ReportSample.proof([.init(table: table, dumped: 3, imported: isEqual ? 3 : 2, isEqual: isEqual)])
    }

    /// Goes through steps as a run does.
    private func go(until last: MigrationStep = .notice, leavingOut leftOut: [MigrationStep] = []) async throws {
        try await journal.append(.opened(ReportSample.identity, plan: nil))
        for step in MigrationStep.allCases where step != .validate && step != .backup && step <= last {
            let isOfDatabase = MigrationStep.ofImport.contains(step)
            let name = step == .load ? .load("primary.sql") : isOfDatabase ? step.of(.primary) : JournaledStep(step)
            if leftOut.contains(step) {
                try await journal.skip(name, "by hand")
                continue
            }
            try await journal.step(name) {
                switch step {
                case .reset: try await journal.keep(StageEstimate(basis: "a rehearsal", rows: 1), of: name)
                case .prove: try await journal.keep(proof(), of: name)
                case .upgrade: try await journal.keep(try UpgradePath(from: "5.1.8", to: "5.11.6271"), of: name)
                case .check: try await journal.keep([ReportSample.finding(.pass, "")], of: name)
                case .test:
                    let test = AcceptanceReport(findings: [], attempts: 1, duration: .seconds(1))
                    try await journal.keep(test, of: name)
                default: break
                }
                return "done"
            }
            if step == .analyze { try await journal.append(.completed) }
        }
        try await journal.append(.released)
    }

    // MARK: Verdicts

    @Test func nothingHasBegun() async throws {
        let report = try await report()
        #expect(report.verdict.kind == .unfinished && report.verdict.text == "The migration has not started.")
        #expect(report.steps.allSatisfy { $0.state == .toDo } && report.beganAt == nil)
        #expect(report.text.contains("No step has started."))
    }

    @Test func wholeWayHasPassed() async throws {
        try await go()
        let report = try await report()
        #expect(report.verdict.kind == .passed, "\(report.verdict)")
        #expect(report.verdict.text == "All steps are done. 1 table with 3 rows holds exactly what was dumped.")
        #expect(report.fromRelease == "5.1.8" && report.toRelease == "5.11.6271")
        #expect(report.upgrade?.minors.first == "5.1" && report.upgrade?.commands.count == 3)
        #expect(report.people == ["ada@ops"] && report.endedAt != nil && report.importedAt != nil)
        #expect(report.check?.count == 1 && report.acceptance?.isPassed == true)
        #expect(report.journal.entries == (await journal.entries.count))
        #expect(report.journal.hash == (await journal.hash))
        // That there was no manifest is told, and no fault.
        #expect(report.doubts.map(\.isProof) == [false])
    }

    @Test func stepsThatAreLeftOutAreInTheVerdict() async throws {
        try await go(leavingOut: [.initialize, .test])
        let report = try await report()
        #expect(report.verdict.kind == .passedInPart)
        #expect(report.verdict.text.hasPrefix("All steps are done but initialize, test, skipped for a reason."))
        #expect(report.text.contains("by hand"))
    }

    @Test func importAloneIsNotFinished() async throws {
        try await go(until: .analyze, leavingOut: [.freeze])
        let report = try await report()
        #expect(report.verdict.kind == .unfinished && report.verdict.step == "proxy")
        #expect(report.verdict.text.contains("The databases are imported and proven. No run is active. Next: proxy."))
    }

    @Test func failureIsTheVerdictUntilItIsFixed() async throws {
        try await go(until: .analyze, leavingOut: [.freeze])
        await #expect(throws: MigrationError.self) {
            try await journal.step("proxy") { throw MigrationError(.failed, "The <proxy> is gone.") }
        }
        let failed = try await report()
        #expect(failed.verdict.kind == .failed && failed.verdict.step == "proxy")
        #expect(failed.verdict.text == "Failed in step `proxy`. The <proxy> is gone.")
        #expect(failed.verdict.next == "Fix the cause, then run the same command again: it goes on with `proxy`.")
        #expect(failed.text.contains("The &lt;proxy&gt; is gone."))
        try await journal.step("proxy") { "open" }
        let fixed = try await report()
        #expect(fixed.verdict.kind == .unfinished && fixed.verdict.step == "match")
        #expect(fixed.verdict.next == "Run `mi-migrate run` with the same settings: it goes on with `match`.")
        #expect(fixed.text.contains("<summary>2 attempts</summary>"))
    }

    // MARK: Records

    private func record(of step: JournaledStep) async throws -> String {
        try #require(await journal.state.step(step)?.record)
    }

    @Test(arguments: ["prove pgsql", "upgrade", "check", "test"] as [JournaledStep])
    func alteredRecordIsTold(step: JournaledStep) async throws {
        try await go()
        try folder.write("journal/\(await record(of: step))", "{}")
        let report = try await report()
        #expect(report.verdict.kind == .unproven && report.verdict.text.hasSuffix(": \(step)."))
        #expect(report.doubts.contains { $0.subject == "\(step)" && $0.isProof && $0.reason.contains("is not what") })
        #expect(report.text.contains("What this report cannot show"))
    }

    @Test func alteredEstimateIsTold() async throws {
        try await go()
        let step: JournaledStep = "reset pgsql"
        #expect(try await !report().doubts.contains { $0.subject == "\(step)" })
        try folder.write("journal/\(await record(of: step))", "{}")
        let doubt = try #require(try await report().doubts.first { $0.subject == "\(step)" })
        #expect(doubt.reason.contains("is not what") && !doubt.isProof)
    }

    @Test func missingRecordIsTold() async throws {
        try await go()
        let name = try await record(of: "prove pgsql")
        try FileManager.default.removeItem(atPath: folder.file("journal/\(name)").string)
        #expect(try await report().verdict.kind == .unproven)
    }

    @Test func stepThatHasKeptNothingIsTold() async throws {
        try await go(until: .reset)
        try await journal.step("prove pgsql") { "done" }
        let report = try await report()
        #expect(report.doubts.contains { $0.subject == "prove pgsql" && $0.reason.contains("has no record") })
    }

    @Test func recordWithDifferencesOfAStepThatIsDoneIsTold() async throws {
        try await go(until: .load)
        try await journal.step("prove pgsql") {
            try await journal.keep(proof(isEqual: false), of: "prove pgsql")
            return "done"
        }
        #expect(try await report().doubts.contains { $0.reason.contains("its record has differences") })
    }

    @Test func damagedJournalIsAnError() async throws {
        try await go()
        try folder.write("journal/000002.json", "{}")
        let error = try await #require(throws: MigrationError.self) { _ = try await report() }
        #expect(error.code == .damagedSnapshot)
    }

    // MARK: Manifest

    @Test func manifestThatIsGoneOrAnotherIsTold() async throws {
        let manifest = SnapshotManifest(databases: [], files: [])
        var identity = ReportSample.identity
        identity.manifest = JournalReader.hash(try JSONText.encode(manifest).utf8)
        try await journal.append(.opened(identity, plan: nil))
        #expect(try await report().doubts.map(\.reason).first?.contains("manifest.json is not in") == true)
        try FileManager.default.createDirectory(atPath: bucket.path.string, withIntermediateDirectories: true)
        try folder.write("bucket/manifest.json", try JSONText.encode(manifest))
        #expect(try await report().doubts.isEmpty)
        var other = manifest
        other.createdAt = "another"
        try folder.write("bucket/manifest.json", try JSONText.encode(other))
        #expect(try await report().doubts.map(\.reason).first?.contains("not the one that was imported") == true)
    }

    // MARK: Files

    @Test func jsonIsReadAgainAsItWasWritten() async throws {
        try await go()
        let report = try await report()
        let text = try report.text(.json)
        let read = try JSONText.decode(MigrationReport.self, from: Array(text.utf8))
        #expect(try read.text(.json) == text)
        #expect(read.text == report.text)
    }

    @Test func jsonIsAsTheSchemaHasIt() async throws {
        try await go()
        let schema = try JSONSchema("report")
        for report in [try await report(), ReportSample.report()] {
            let problems = schema.problems(of: try report.text(.json))
            #expect(problems == [], "\(problems)")
        }
        #expect(schema.list("step") == MigrationStep.allCases.map(\.rawValue))
        #expect(schema.list("state").compactMap { StepProgress(rawValue: $0)?.rawValue } == schema.list("state"))
        #expect(schema.problems(of: "{}").contains("$: no verdict"))
    }

    @Test func formGoesByTheEndOfTheName() throws {
        #expect(try MigrationReport.Form(of: "a/b.html") == .html)
        #expect(try MigrationReport.Form(of: "b.JSON") == .json)
        for name in ["report", "report.pdf", "html", ".html", ""] {
            #expect(throws: MigrationError.self) { try MigrationReport.Form(of: .init(name)) }
        }
    }
}

extension MigrationReport {
    fileprivate var text: String { ReportPage(report: self).text }
}
