import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `mi-migrate` ends in the middle of a load, with most of the dump still to come.
@Suite(.inTurn) struct InterruptedImportTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func migrate(
        _ database: Database, whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
            whileRunning: whileRunning)
    }

    private func everybodyIsGone(_ database: Database) async throws {
        try await workplace.postgres.target.wait(
            until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database.importedName)')")
    }

    @Test func killedImportCommitsNothing() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(BigDump.waiting, as: database)
            let killed = try await migrate(database) { process in
                try await BigDump.isWaiting(database)
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            try await BigDump.release(database) {
                // psql reads on until its input ends, and would commit.
                try await everybodyIsGone(database)
                #expect(try await workplace.relations(in: database) == "0")

                let again = try await migrate(database)
                #expect(again.exit == 0, "\(again.errors)")
            }
            #expect(
                try await workplace.postgres.target.sql("SELECT count(*) FROM bulk", in: database.importedName)
                    == "20000")
        }
    }

    @Test(arguments: [Signal.interrupt, .terminate, .terminalClosed])
    func interruptedImportCommitsNothing(signal: Signal) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(BigDump.waiting, as: database)
            let interrupted = try await migrate(database) { process in
                try await BigDump.isWaiting(database)
                try process.send(signal)
            }
            #expect(interrupted.exit == 130)
            #expect(interrupted.errors.contains("Stopped.\nRun the same command again: it resumes where it stopped."))
            try await BigDump.release(database) {
                try await everybodyIsGone(database)
                #expect(try await workplace.relations(in: database) == "0")
            }
        }
    }

    /// psql would commit once the server is done: by itself after one signal, and without its parent after the second.
    @Test(arguments: [[Signal.interrupt], [.interrupt, .terminate]])
    func importThatIsInterruptedWhenAllIsFedCommitsNothing(signals: [Signal]) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(BigDump.waitingAtItsEnd, as: database)
            let interrupted = try await migrate(database) { process in
                try await BigDump.isWaiting(database)
                for signal in signals { try process.send(signal) }
            }
            #expect(interrupted.exit == 130)
            try await BigDump.release(database) {
                try await everybodyIsGone(database)
                #expect(try await workplace.relations(in: database) == "0")
            }
        }
    }

    @Test func serverThatEndsTheSessionUndoesTheLoad() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(BigDump.waiting, as: database)
            let failed = try await migrate(database) { _ in
                try await BigDump.isWaiting(database)
                try await workplace.postgres.target.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.importedName)'")
            }
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("terminating connection due to administrator command"), "\(failed.errors)")
            try await everybodyIsGone(database)
            #expect(try await workplace.relations(in: database) == "0")
        }
    }
}
