import Foundation
import TestClusters
import Testing

@testable import MigrationKit

/// `mi-migrate status` beside a run on another machine.
@Suite(.inTurn) struct StatusCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func status(_ arguments: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            ["status", "--bucket=./bucket", "--into=\(workplace.into)"] + arguments,
            environment: ["PGPASSWORD": workplace.postgres.target.password])
    }

    @Test func whatGoesOnElsewhereIsToldAsItsRunHasLastSaid() async throws {
        try await workplace.upload(SmallDump.text, as: .primary)
        let journal = MigrationJournal(
            store: try workplace.store.folder("mi-migrate").folder(workplace.serverName),
            writer: JournalWriter(run: "1", who: "grace@ops", host: "ops", machine: nil, process: 1))
        try await journal.append(.working(until: Date() + 3600))
        let silent = try await status()
        #expect(silent.exit == 0 && silent.errors.contains("Running: grace@ops, until "), "\(silent.errors)")
        #expect(!silent.errors.contains("\nAt "))

        let lines = ["pgsql: 44%, 249 MB of about 557 MB", "codeintel-db: 3%\u{1B}[2J"]
        try await journal.append(.working(until: Date() + 3600, doing: lines))
        let told = try await status()
        #expect(told.exit == 0, "\(told.errors)")
        #expect(told.errors.contains(":\n  pgsql: 44%, 249 MB of about 557 MB\n  codeintel-db: 3%"), "\(told.errors)")
        #expect(!told.errors.contains("\u{1B}"))
        let json = try CommandLines(try await status("--json").output).objects.last?["result"] as? [String: Any]
        #expect((json?["doing"] as? [String])?.first == lines[0] && json?["seenAt"] is String)
    }
}
