import FakeGoogle
import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// What befalls sessions while a dump is loaded on several of them: what passes is done again, and what does not is told
/// with its remedy. Whichever it is, the same command comes to the same.
@Suite(.inTurn) struct LaneTroubleTests {
    /// What an import is at, and what holds it there.
    enum Work: String, CaseIterable {
        case part, index, proof

        var lock: String {
            self == .proof
                ? #"ALTER SEQUENCE "odd "" schema".tickets RENAME TO other"# : "LOCK TABLE public.texts IN SHARE MODE"
        }

        var statement: String {
            switch self {
            case .part: "COPY%"
            case .index: "%ALTER TABLE%"
            case .proof: "SELECT last_value%"
            }
        }
    }

    private func reach(_ work: Work, _ place: LanePlace, _ database: Database, _ parts: [DumpPart]) async throws {
        #expect(try await place.migrate(database, "--until=\(work == .proof ? "load" : "extensions")").exit == 0)
        let kinds: [DumpPart.Kind] =
            switch work {
            case .part: [.schema]
            case .index: [.schema, .data]
            case .proof: []
            }
        try await place.loader.loadWell(parts.filter { kinds.contains($0.kind) }, into: database.importedName)
    }

    /// Runs `body` with a dump in parts whose import has come to some work, and what the database has to hold in the end.
    private func with(
        _ dump: String, inPartsOf size: Int64, at work: Work,
        _ body: @Sendable (LanePlace, Database, SnapshotManifest.DatabaseEntry, [Substring]) async throws -> Void
    ) async throws {
        let place = try await LanePlace()
        try await TargetDatabases.withOne { database in
            let entry = try await place.loader.upload(dump, as: database, size: size)
            let expected = try await place.loader.expected(entry)
            try await reach(work, place, database, entry.parts)
            try await body(place, database, entry, expected)
        }
    }

    @Test(arguments: Work.allCases)
    func workIsDoneAgainWhoseSessionIsTerminated(work: Work) async throws {
        try await with(HostileDump.text, inPartsOf: 30_000, at: work) { place, database, entry, expected in
            let imported = try await place.migrate(database, against: work.lock) {
                try await place.waitForSessions(1, in: database, at: work.statement)
                try await place.terminateSessions(in: database, at: work.statement)
                try await place.waitForSessions(1, in: database, at: work.statement)
            }
            let told = "failed: \(place.workplace.serverName) ended the session. Nothing was changed; trying again."
            #expect(imported.errors.contains(told), "\(imported.errors)")
            try await place.check(imported, database, expected)
        }
    }

    @Test func sessionsThatAreTerminatedAgainAndAgainAreGivenUp() async throws {
        try await with(BigDump.text, inPartsOf: 400_000, at: .part) { place, database, entry, expected in
            let failed = try await place.migrate(database, against: "LOCK TABLE public.bulk IN SHARE MODE") {
                for _ in 1...3 {
                    try await place.waitForSessions(3, in: database, at: "COPY%")
                    try await place.terminateSessions(in: database, at: "COPY%")
                }
            }
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("3 of \(entry.parts.count - 3) parts of \(database.dumpName) failed."))
            #expect(failed.errors.contains("terminating connection due to administrator command"), "\(failed.errors)")
            #expect(failed.errors.contains("look in the server's log for what ends sessions"), "\(failed.errors)")
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    /// It may be the other operator who has ended the sessions.
    @Test func runThatWasPushedAsideBeginsNothingAgain() async throws {
        try await with(HostileDump.text, inPartsOf: 30_000, at: .part) { place, database, entry, expected in
            let pushed = try await place.migrate(database, against: Work.part.lock) {
                try await place.waitForSessions(1, in: database, at: "COPY%")
                let second = try await place.migrate(database, "--take-over", "--until=extensions")
                #expect(second.exit == 0, "\(second.errors)")
                try await place.terminateSessions(in: database, at: "COPY%")
            }
            #expect(pushed.exit == 8)
            #expect(pushed.errors.contains("has taken over this migration"), "\(pushed.errors)")
            #expect(!pushed.errors.contains("trying again"), "\(pushed.errors)")
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    @Test func statementThatIsCanceledIsNamedAndTheSameCommandGoesOn() async throws {
        try await with(HostileDump.text, inPartsOf: 30_000, at: .part) { place, database, entry, expected in
            let failed = try await place.migrate(database, against: Work.part.lock) {
                try await place.waitForSessions(1, in: database, at: "COPY%")
                try await place.workplace.target.sql(
                    """
                    SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.importedName)'
                      AND wait_event_type = 'Lock'
                    """)
            }
            #expect(failed.exit == 5)
            let told = "failed: somebody canceled the statement on \(place.workplace.serverName)."
            #expect(failed.errors.contains(told), "\(failed.errors)")
            #expect(failed.errors.contains("Find out who calls pg_cancel_backend, then run the same command again."))
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    /// Somebody holds the rows' table and waits for the note of a part that waits for them.
    @Test func partIsLoadedAgainThatADeadlockHasEnded() async throws {
        try await with(BigDump.text, inPartsOf: 400_000, at: .part) { place, database, entry, expected in
            let (target, name) = (place.workplace.target, database.importedName)
            // Whoever looks first is ended: that is the import, which has waited for longer.
            try await target.sql("ALTER DATABASE \"\(name)\" SET deadlock_timeout = '2s'")
            let parts = entry.parts.filter { $0.kind == .data }.map { "'\($0.object.name)'" }
            let deadlock = """
                SET deadlock_timeout = '10min';
                LOCK TABLE public.bulk IN SHARE MODE;
                \\echo held
                DO $$ BEGIN
                  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'public.bulk'::regclass AND NOT granted) LOOP
                    PERFORM pg_sleep(0.01);
                  END LOOP;
                  INSERT INTO mi_migrate.parts (name) SELECT unnest(ARRAY[\(parts.joined(separator: ", "))])
                    ON CONFLICT DO NOTHING;
                END $$
                """
            let imported = try await place.migrate(database, jobs: 1, against: deadlock) {
                try await target.wait(
                    until: """
                        EXISTS (SELECT FROM pg_stat_activity WHERE \(LanePlace.somebody(in: name))
                          AND state LIKE 'idle in transaction%' AND query LIKE 'DO %')
                        """)
            }
            let told = "failed: \(place.workplace.serverName) ended a deadlock with another session."
            #expect(imported.errors.contains(told), "\(imported.errors)")
            try await place.check(imported, database, expected)
        }
    }

    /// A part waits for the note that a session has left behind which is not over.
    @Test func limitsOfADatabaseAreNoneOfAnImport() async throws {
        try await with(HostileDump.text, inPartsOf: 30_000, at: .part) { place, database, entry, expected in
            let (target, name) = (place.workplace.target, database.importedName)
            for limit in ["lock_timeout = '1ms'", "statement_timeout = '20ms'"] {
                try await target.sql("ALTER DATABASE \"\(name)\" SET \(limit)")
            }
            let part = try #require(entry.parts.first { $0.kind == .data }).object.name
            let note = "SET statement_timeout = 0; INSERT INTO mi_migrate.parts (name) VALUES ('\(part)')"
            let imported = try await place.migrate(database, against: note) {
                try await place.waitForSessions(1, in: database, at: "%INSERT INTO mi_migrate.parts%")
            }
            try await place.check(imported, database, expected)
        }
    }

    @Test func serverThatTakesNoMoreSessionsIsNamedAndTheSameCommandGoesOn() async throws {
        try await with(BigDump.text, inPartsOf: 400_000, at: .part) { place, database, entry, expected in
            let (target, name) = (place.workplace.target, database.importedName)
            let refused = try await place.migrate(database, against: "LOCK TABLE public.bulk IN SHARE MODE") {
                try await place.waitForSessions(3, in: database, at: "COPY%")
                try await target.sql("ALTER DATABASE \"\(name)\" CONNECTION LIMIT 0")
            }
            #expect(refused.exit == 3, "\(refused.errors)")
            let told = "\(place.workplace.serverName) takes no more sessions."
            #expect(refused.errors.contains(told), "\(refused.errors)")
            #expect(refused.errors.contains("use fewer with --jobs"))
            try await target.sql("ALTER DATABASE \"\(name)\" CONNECTION LIMIT -1")
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    /// What is sorted does not fit into memory.
    @Test func indexPartForWhichThereIsNoRoomIsNamedAndTheSameCommandGoesOn() async throws {
        let place = try await LanePlace()
        let schema = """
            CREATE TABLE texts AS SELECT n, md5(n::text) AS text FROM generate_series(1, 5000) AS n;
            CREATE MATERIALIZED VIEW sorted AS SELECT * FROM texts ORDER BY text;
            """
        let dump = try await place.workplace.postgres.source.withDatabase("sorted", schema) {
            try await SmallDump.dump("sorted")
        }
        try await TargetDatabases.withOne { database in
            let entry = try await place.loader.upload(dump, as: database, size: 100_000)
            let expected = try await place.loader.expected(entry)
            try await reach(.part, place, database, entry.parts)
            let (target, name) = (place.workplace.target, database.importedName)
            for limit in ["work_mem = '64kB'", "temp_file_limit = '64kB'"] {
                try await target.sql("ALTER DATABASE \"\(name)\" SET \(limit)")
            }
            let refused = try await place.migrate(database)
            #expect(refused.exit == 5, "\(refused.errors)")
            let told = "failed: its temporary files reached the limit that \(place.workplace.serverName) sets."
            #expect(refused.errors.contains(told), "\(refused.errors)")
            #expect(refused.errors.contains("Raise temp_file_limit"))
            try await target.sql("ALTER DATABASE \"\(name)\" RESET temp_file_limit")
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    @Test func serverThatCrashesIsWaitedForThoughItSpeaksGerman() async throws {
        let cluster = try await CloudSQLCluster(language: "de")
        do { try await importThroughCrashes(of: cluster) } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    private func importThroughCrashes(of cluster: CloudSQLCluster) async throws {
        let place = try await LanePlace(target: cluster.server)
        let entry = try await place.loader.upload(HostileDump.text, as: .primary, size: 30_000)
        let expected = try await place.loader.expected(entry)
        // Else its last commits were lost with it.
        try await cluster.server.sql("ALTER ROLE \"sourcegraph-admin\" SET synchronous_commit = on")
        try await reach(.part, place, .primary, entry.parts)
        var imported: Workplace.Finished?
        for (work, until) in [(Work.part, "load"), (.proof, "analyze")] {
            imported = try await cluster.server.holding(work.lock, in: Database.primary.importedName) {
                try await place.migrate(.primary, "--until=\(until)") { _ in
                    try await place.waitForSessions(1, in: .primary, at: work.statement)
                    try await cluster.crash()
                }
            }
            #expect(imported?.exit == 0, "\(imported?.errors ?? "")")
            #expect(imported?.errors.contains("ended the session. Nothing was changed; trying again.") == true)
        }
        try await place.check(try #require(imported), .primary, expected)
    }
}
