import MigrationKit
import TestClusters
import Testing

/// A target that leads to something else than the server of the database.
@Suite(.inTurn) struct SourceServerTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func target(port: Int, password: String) throws {
        try workplace.writeTargets { _, lines in
            lines.password = password
            lines.others["port"] = "\(port)"
        }
    }

    private func run(_ command: [String], _ options: [String]) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            [command[0], "pg_dump", "--targets=targets.yaml", "--only=primary"] + command.dropFirst() + options)
    }

    private func check(_ options: String...) async throws -> Workplace.Finished {
        try await run(["check", "--without-instance"], options)
    }

    private func dump(_ options: String...) async throws -> Workplace.Finished {
        try await run(["databases", "--run"], options)
    }

    // MARK: Poolers

    @Test(
        .enabled(if: ScratchPooler.program != nil, "There is no pgbouncer: run `make pgbouncer`."),
        arguments: [("transaction", ""), ("transaction", "extra_float_digits,options"), ("session", "")])
    func poolerIsRefusedBeforeItIsSentASetting(mode: String, ignored: String) async throws {
        let source = workplace.postgres.source
        try await ScratchPooler.with(source, mode: mode, ignoring: ignored) { pooler in
            try target(port: pooler.port, password: source.password)
            let checked = try await check()
            #expect(checked.exit == 3)
            #expect(checked.output.contains("FAIL  connection  The target of primary is a connection pooler"))
            let dumped = try await dump()
            #expect(dumped.exit == 3)
            for text in [checked.output, dumped.errors] {
                #expect(
                    text.contains(
                        "to the PostgreSQL server, which the pooler connects to at 127.0.0.1:\(source.port)."))
            }
            #expect(!workplace.folder.exists("src-snapshot"))
            // The one session that it has is what the application gets next.
            let next = try await workplace.shell(
                "psql -X -A -t -h 127.0.0.1 -p \(pooler.port) -U sg -d sg -c 'SHOW search_path' -c 'SHOW row_security'",
                environment: ["PGPASSWORD": source.password])
            #expect(next.output == "\"$user\", public\non\n", "\(next.errors)")
        }
    }

    // MARK: Replicas

    private func expectFault(_ sentence: String, _ option: String? = nil) async throws {
        let options = [option].compactMap(\.self)
        let checked = try await run(["check", "--without-instance"], options)
        #expect(checked.exit == 3)
        let dumped = try await run(["databases", "--run"], options)
        #expect(dumped.exit == 3)
        for text in [checked.output, dumped.errors] {
            #expect(text.contains("The server of primary is a replica, \(sentence)"), "\(text)")
            #expect(text.contains("Set the target of primary to the primary server"), "\(text)")
            #expect(text.contains("Or add --from-replica") == (option == nil && sentence.hasPrefix("whose")))
        }
        #expect(!workplace.folder.exists("src-snapshot"))
    }

    /// - Returns: What was told of the replica.
    private func expectCaution() async throws -> String {
        let caution = "The server of primary is a replica: its dump lacks what has not been replicated yet."
        let checked = try await check("--from-replica")
        #expect(checked.output.contains("warn  replica"), "\(checked.output)")
        #expect(checked.output.contains(caution), "\(checked.output)")
        let dumped = try await dump("--from-replica")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(dumped.errors.contains("warning: \(caution)"), "\(dumped.errors)")
        #expect(dumped.errors.contains("Dump from the primary server; or stop Sourcegraph"), "\(dumped.errors)")
        #expect(try workplace.folder.text("src-snapshot/primary.sql").contains("COPY \"public\".\"users\""))
        try workplace.folder.remove("src-snapshot")
        return dumped.errors
    }

    private static let lag = "whose dump would lack what has not been replicated yet."

    @Test func replicaIsDumpedOnlyIfThatIsWanted() async throws {
        try await ScratchReplica.with { servers in
            try await servers.primary.sql("CREATE DATABASE sg")
            try await servers.primary.sql(BookkeepingSQL.all + BookkeepingSQL.tables, in: "sg")
            try await servers.catchUp()
            try target(port: servers.replica.port, password: servers.replica.password)
            try await expectFault(Self.lag)
            let unguarded = "for 30s (max_standby_streaming_delay), and hot_standby_feedback is off: any VACUUM"
            #expect(try await expectCaution().contains(unguarded))

            try await servers.replica.sql("SELECT pg_wal_replay_pause()")
            try await servers.replica.wait(until: "pg_is_wal_replay_paused()")
            try await expectFault(
                "and its replay is paused: it lacks everything written since.", "--from-replica")
            try await servers.replica.sql("SELECT pg_wal_replay_resume()")

            try await servers.primary.sql(
                "CREATE UNLOGGED TABLE queue AS SELECT generate_series(1, 1200) AS id; ANALYZE queue", in: "sg")
            try await servers.replica.sql("ALTER SYSTEM SET hot_standby_feedback = on")
            try await servers.replica.sql("SELECT pg_reload_conf()")
            try await servers.catchUp()
            try await servers.replica.wait(until: "current_setting('hot_standby_feedback') = 'on'")
            let unlogged = "A replica has no rows of unlogged tables: public.queue (about 1200 rows)."
            try await expectFault("\(Self.lag) \(unlogged)")
            let told = try await expectCaution()
            #expect(told.contains(unlogged), "\(told)")
            #expect(told.contains("for 30s (max_standby_streaming_delay): a DROP, TRUNCATE or ALTER"), "\(told)")

            try await servers.primary.sql("DROP TABLE queue", in: "sg")
            try await servers.replica.sql("ALTER SYSTEM SET max_standby_streaming_delay = -1")
            try await servers.replica.sql("SELECT pg_reload_conf()")
            try await servers.catchUp()
            try await servers.replica.wait(until: "current_setting('max_standby_streaming_delay') = '-1'")
            let safe = try await expectCaution()
            #expect(!safe.contains("unlogged") && !safe.contains("cancels"), "\(safe)")

            try await servers.replica.sql("ALTER SYSTEM SET primary_conninfo = ''")
            try await servers.replica.sql("SELECT pg_reload_conf()")
            try await servers.replica.wait(until: "NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
            try await expectFault(
                "and it is not connected to its primary server: it lacks everything written since.", "--from-replica")
        }
    }
}
