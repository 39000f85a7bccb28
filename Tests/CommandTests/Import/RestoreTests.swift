import Subprocess
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// `mi-migrate restore` on any PostgreSQL: back to the copies that stand beside the databases.
@Suite(.inTurn) struct RestoreTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private var target: ScratchPostgres.Cluster { workplace.postgres.target }

    private func run(
        _ command: String, _ database: Database, _ options: String...,
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        let arguments = [
            command, "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)",
            "--journal=./journal", "--yes",
        ]
        return try await workplace.run(
            BuiltPrograms.path("mi-migrate"), arguments + options, environment: ["PGPASSWORD": target.password],
            whileRunning: whileRunning)
    }

    private func journal() async throws -> MigrationJournal {
        let folder = workplace.folder.file("journal/mi-migrate/\(workplace.serverName)")
        let journal = MigrationJournal(store: DirectoryStore(path: folder))
        try await journal.read()
        return journal
    }

    /// The database's name in quotes, or that of its copy.
    private func name(_ database: Database, _ copy: String = "") -> String { "\"\(database.importedName)\(copy)\"" }

    private func contents(_ database: Database) async throws -> String {
        try await target.pgDump(database.importedName)
    }

    /// Runs `body` with a database that was imported for itself; without any copies, and without a mark, at its end.
    private func imported(_ body: @Sendable (Database) async throws -> Void) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let imported = try await run("import", database)
            try #require(imported.exit == 0, "\(imported.errors)")
            let result: Result<Void, any Error>
            do { result = .success(try await body(database)) } catch { result = .failure(error) }
            for copy in [".before-upgrade", ".before-import"] {
                try await target.sql("DROP DATABASE IF EXISTS \(name(database, copy)) WITH (FORCE)")
            }
            // Whoever imports into it next has another journal.
            try await target.sql("COMMENT ON DATABASE \(name(database)) IS NULL")
            try result.get()
        }
    }

    private func marked(_ databases: [Database]) async throws -> [InstanceDatabase] {
        var found: [InstanceDatabase] = []
        for database in databases {
            let mark = try await target.sql(StandInInstance.question, in: database.importedName)
            found.append(InstanceDatabase(database, service: "stand-in", address: workplace.serverName, mark: mark))
        }
        return found
    }

    /// Keeps a copy and upgrades the database, as far as a change of it tells.
    private func upgrade(_ database: Database) async throws {
        let journal = try await journal()
        let flow = UpgradeInstance(
            instance: StandInInstance(marked: { try await marked($0) }) { _ in
                try await target.sql(
                    "CREATE TABLE IF NOT EXISTS upgraded (); DELETE FROM audit.notes", in: database.importedName)
                return 0
            }, importer: try workplace.importer, journal: journal, databases: [database])
        try await journal.working {
            try await flow.startProxy()
            try await flow.matchDatabases()
            try await flow.keepCopy()
            try await flow.upgrade(UpgradePath(from: "5.1.8", to: "5.2.3"))
        }
    }

    // MARK: There and back

    @Test func databaseIsAsBeforeTheUpgradeAndCanBeUpgradedAnew() async throws {
        try await imported { database in
            let before = try await contents(database)
            for _ in 1...2 {
                try await upgrade(database)
                #expect(try await contents(database) != before)
                let restored = try await run("restore", database)
                #expect(restored.exit == 0, "\(restored.errors)")
                #expect(restored.errors.contains("to their state before the upgrade."))
                #expect(try await contents(database) == before)
                let state = try await journal().state
                #expect(state.step("restore-point")?.result == "before-upgrade" && state.completedAt != nil)
                #expect(!state.isFinished("upgrade") && state.isFinished("restore") && state.holder == nil)
            }
            let owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '\(database.importedName)'"
            #expect(try await target.sql(owner) == "sourcegraph-admin")
        }
    }

    @Test func withoutACopyNothingIsDoneAndTheWayOutIsTold() async throws {
        try await imported { database in
            let before = try await contents(database)
            let refused = try await run("restore", database)
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("was made before an upgrade."), "\(refused.errors)")
            #expect(refused.errors.contains("mi-migrate run --from-step=reset"))
            #expect(try await contents(database) == before)
        }
    }

    @Test func copyThatSomebodyHasDroppedIsMissedBeforeAnythingElseIs() async throws {
        try await imported { database in
            try await upgrade(database)
            let upgraded = try await contents(database)
            try await target.sql("DROP DATABASE \(name(database, ".before-upgrade"))")
            let refused = try await run("restore", database)
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("Some of the copies before-upgrade are missing on "), "\(refused.errors)")
            #expect(try await contents(database) == upgraded)
        }
    }

    // MARK: Others

    @Test func othersWhoAreConnectedAreNamedUnlessTheirSessionsAreEnded() async throws {
        try await imported { database in
            let before = try await contents(database)
            try await upgrade(database)
            let upgraded = try await contents(database)
            try await target.holding("SELECT 1", in: database.importedName, as: "app") {
                let refused = try await run("restore", database)
                #expect(refused.exit == 3)
                #expect(
                    refused.errors.contains("Other sessions are connected to the databases of"), "\(refused.errors)")
                #expect(refused.errors.contains("\(database.importedName): test as app, from 127.0.0.1"))
                #expect(refused.errors.contains("--terminate-connections"))
                #expect(try await contents(database) == upgraded)
                let restored = try await run("restore", database, "--terminate-connections")
                #expect(restored.exit == 0, "\(restored.errors)")
                #expect(try await contents(database) == before)
            }
        }
    }

    @Test func othersWhoAreConnectedKeepTheCopyFromBeingMade() async throws {
        try await imported { database in
            try await target.holding("SELECT 1", in: database.importedName, as: "app") {
                let error = try await #require(throws: MigrationError.self) { try await upgrade(database) }
                #expect(error.code == .unmetRequirement && error.message.hasSuffix("which are to be copied."))
                #expect(error.details == ["\(database.importedName): test as app, from 127.0.0.1"])
            }
            try await upgrade(database)
        }
    }

    // MARK: Killed while the server copies

    /// Runs `body` while nothing can be copied from a database: whoever wants to waits in the middle.
    private func whileHeld(_ name: String, _ body: @Sendable () async throws -> Void) async throws {
        try await target.holding("COMMENT ON DATABASE \(name) IS 'held'", in: "postgres", body)
    }

    /// How many sessions wait in the middle of a copy.
    private static func waiting(for copy: String) -> String {
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE \(copy) TEMPLATE %'"
            + " AND wait_event_type = 'Lock'"
    }

    @Test func copyOfARunThatDiedIsEndedByTheNext() async throws {
        try await imported { database in
            let before = try await contents(database)
            try await upgrade(database)
            let (original, waiting) = (name(database, ".before-upgrade"), Self.waiting(for: name(database)))
            let pid = waiting.replacing("count(*)", with: "min(pid)")
            // The second waits for the same; only then may both go on, as far as they are there.
            try await whileHeld(original) {
                _ = try await run("restore", database) { process in
                    try await target.wait(until: "(\(waiting)) = 1")
                    try process.send(.kill)
                }
                let first = try await target.sql(pid)
                let second = try await run("restore", database) { process in
                    try await target.wait(until: "(\(waiting)) = 1 AND (\(pid)) <> \(first)")
                    try process.send(.kill)
                }
                #expect(first != "" && second.exit == nil, "\(second.errors)")
            }
            let third = try await run("restore", database)
            #expect(third.exit == 0, "\(third.errors)")
            #expect(try await contents(database) == before)
        }
    }

    @Test func backupThatWasKilledWhileItCopiedIsMadeByTheNext() async throws {
        try await imported { database in
            try await target.sql("CREATE TABLE precious AS SELECT 1 AS one", in: database.importedName)
            let before = try await contents(database)
            let copy = name(database, ".before-import")
            let waiting = Self.waiting(for: copy)
            try await whileHeld(name(database)) {
                let killed = try await run("import", database, "--backup", "--start-over") { process in
                    try await target.wait(until: "(\(waiting)) = 1")
                    try process.send(.kill)
                }
                #expect(killed.exit == nil, "\(killed.errors)")
            }
            let again = try await run("import", database, "--backup")
            #expect(again.exit == 0, "\(again.errors)")
            #expect(try await journal().state.step("backup")?.result == "before-import")
            #expect(try await target.pgDump("\(database.importedName).before-import") == before)
            #expect(try await contents(database) != before)
        }
    }
}
