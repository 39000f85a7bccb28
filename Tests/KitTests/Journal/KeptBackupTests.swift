import Testing

@testable import MigrationKit

/// A backup from before the databases were dropped is not replaced by one of what was half loaded since.
@Suite struct KeptBackupTests {
    private let journal = MigrationJournal(store: nil, writer: ReportSample.ada)
    private let identity = ReportSample.identity
    private let backup = JournaledStep(.backup)

    private func begin(_ steps: [JournaledStep]) async throws {
        try await journal.append(.opened(identity, plan: nil))
        for step in steps { try await journal.step(step) { "before-import" } }
    }

    private func isKept(by next: MigrationIdentity? = nil) async throws -> Bool {
        try await journal.append(.opened(next ?? identity, plan: nil))
        let state = await journal.state
        #expect(!state.steps.contains { $0.name.step == .reset })
        return state.isFinished(backup)
    }

    @Test func isKeptByTheNextImportIntoTheSameDatabases() async throws {
        try await begin([backup, "reset pgsql", "load primary.sql"])
        try await journal.append(
            .undone(steps: ["reset pgsql", "load primary.sql"], reason: "A new attempt has begun."))
        var next = identity
        (next.manifest, next.attempt) = (nil, "run-20261130T070000Z-0001")
        #expect(try await isKept(by: next))
        #expect(await journal.state.step(backup)?.result == "before-import")
        // As long as none is complete.
        try await journal.step("reset pgsql") { "empty" }
        #expect(try await isKept())
    }

    @Test func isMadeAnewWhereNothingWasDroppedSince() async throws {
        try await begin([backup])
        #expect(try await !isKept())
    }

    @Test func isMadeAnewBehindACompleteImport() async throws {
        try await begin([backup, "reset pgsql"])
        try await journal.append(.completed)
        #expect(try await !isKept())
    }

    @Test func isMadeAnewBehindARestore() async throws {
        try await begin([backup, "reset pgsql"])
        try await journal.step(.restore) { "before-import" }
        #expect(try await !isKept())
    }

    @Test func isMadeAnewForOtherDatabases() async throws {
        for change in [{ $0.target = "another" }, { $0.databases.append("another.sql") }]
            as [(inout MigrationIdentity) -> Void]
        {
            try await begin([backup, "reset pgsql"])
            var other = identity
            change(&other)
            #expect(try await !isKept(by: other))
        }
    }
}
