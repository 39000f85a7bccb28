import MigrationKit
import Subprocess
import TestClusters
import TestSupport
import Testing

/// An import into any PostgreSQL whose steps are noted in a journal: a load that was stopped goes with the process that
/// asked for it, and whether it was committed nobody knows.
@Suite(.inTurn) struct JournaledImportTests {
    private struct Died: Error {}

    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func migrate(
        _ database: Database, whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
            "--journal=./journal", whileRunning: whileRunning)
    }

    private func journal() async throws -> MigrationJournal {
        let name = workplace.serverName
        let journal = MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal/mi-migrate/\(name)")))
        try await journal.read()
        return journal
    }

    @Test func importKilledInALoadBeginsThatDatabaseAnew() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(BigDump.waiting, as: database)
            let killed = try await migrate(database) { process in
                try await BigDump.isWaiting(database)
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            let load = JournaledStep.load(database.dumpName)
            #expect(try await journal().state.isFinished("reset \(database.importedName)"))
            #expect(try await journal().state.isFinished(load) == false)
            let again = try await BigDump.release(database) {
                try await workplace.postgres.target.wait(
                    until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.importedName)')")
                // As if the load had been committed when the run died.
                try await workplace.postgres.target.sql(
                    "CREATE TABLE bulk (id integer)", in: database.importedName, as: "sourcegraph-admin")
                return try await migrate(database)
            }
            #expect(again.exit == 0, "\(again.errors)")
            #expect(again.errors.contains("Resuming the import of "))
            #expect(again.errors.contains("exactly the rows that were dumped"))
            #expect(try await journal().state.completedAt != nil)
            let third = try await migrate(database)
            #expect(third.exit == 0 && third.errors.contains("Nothing is left to do"), "\(third.errors)")
        }
    }

    @Test func importThatDiedAfterALoadBeginsThatDatabaseAnew() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            for dies in [true, false] {
                let importer = HookedImporter(
                    base: try workplace.importer, afterLoad: { _ in if dies { throw Died() } })
                let flow = ImportSnapshot(
                    store: workplace.store, importer: importer,
                    journal: MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal"))),
                    databases: [database], confirm: { _ in true })
                guard dies else {
                    let report = try await flow.run()
                    #expect(report.proofs.allSatisfy(\.isEqual) && report.completedAt != nil)
                    continue
                }
                await #expect(throws: Died.self) { _ = try await flow.run() }
                #expect(try await workplace.relations(in: database) != "0")
            }
        }
    }

    @Test func databaseThatFailsLeavesTheOthersToBeLoadedAndProven() async throws {
        try await TargetDatabases.withAll {
            for database in Database.allCases {
                try workplace.folder.write("src-snapshot/\(database.dumpName)", try await SmallDump.text)
            }
            _ = try await UploadSnapshot(
                folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")), store: workplace.store,
                includesSummary: false
            ).run()
            let loaded = Watched<Set<Database>>([])
            for fails in [true, false] {
                let importer = HookedImporter(
                    base: try workplace.importer,
                    afterLoad: { database in
                        loaded.change { _ = $0.insert(database) }
                        if fails, database == .codeintel { throw Died() }
                    })
                let journal = MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal")))
                let flow = ImportSnapshot(
                    store: workplace.store, importer: importer, journal: journal, confirm: { _ in true })
                guard fails else {
                    #expect(try await flow.run().proofs.map(\.database) == Database.allCases.sorted())
                    #expect(loaded.change { $0 } == [.codeintel])
                    continue
                }
                await #expect(throws: Died.self) { _ = try await flow.run() }
                #expect(loaded.change { $0 } == Set(Database.allCases))
                for database in [Database.primary, .codeinsights] {
                    #expect(await journal.state.isFinished(MigrationStep.prove.of(database)))
                }
                loaded.change { $0 = [] }
            }
        }
    }
}
