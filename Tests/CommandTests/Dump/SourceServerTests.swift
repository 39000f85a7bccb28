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

    private func check() async throws -> Workplace.Finished {
        try await workplace.snapshot(
            "check", "pg_dump", "--targets=targets.yaml", "--only=primary", "--without-instance")
    }

    private func dump() async throws -> Workplace.Finished {
        try await workplace.snapshot("databases", "pg_dump", "--targets=targets.yaml", "--only=primary", "--run")
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

    private func expectFault(_ sentence: String) async throws {
        let checked = try await check()
        #expect(checked.exit == 3)
        #expect(checked.output.contains("The server of primary is a replica, \(sentence)"), "\(checked.output)")
        let dumped = try await dump()
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("The server of primary is a replica, \(sentence)"), "\(dumped.errors)")
        #expect(dumped.errors.contains("Set the target of primary to the primary server"), "\(dumped.errors)")
        #expect(!workplace.folder.exists("src-snapshot"))
    }

    private func expectCaution() async throws {
        let caution = "The server of primary is a replica: its dump lacks what has not been replicated yet."
        let checked = try await check()
        #expect(checked.output.contains("warn  replica"), "\(checked.output)")
        #expect(checked.output.contains(caution), "\(checked.output)")
        let dumped = try await dump()
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(dumped.errors.contains("warning: \(caution)"), "\(dumped.errors)")
        #expect(dumped.errors.contains("Dump from the primary server; or stop Sourcegraph"), "\(dumped.errors)")
        #expect(try workplace.folder.text("src-snapshot/primary.sql").contains("COPY \"public\".\"users\""))
        try workplace.folder.remove("src-snapshot")
    }

    @Test func replicaIsToldAndRefusedWhereItLacksRows() async throws {
        try await ScratchReplica.with { servers in
            try await servers.primary.sql("CREATE DATABASE sg")
            try await servers.primary.sql(BookkeepingSQL.all + BookkeepingSQL.tables, in: "sg")
            try await servers.catchUp()
            try target(port: servers.replica.port, password: servers.replica.password)
            try await expectCaution()

            try await servers.replica.sql("SELECT pg_wal_replay_pause()")
            try await servers.replica.wait(until: "pg_is_wal_replay_paused()")
            try await expectFault("and its replay is paused: it lacks everything written since.")
            try await servers.replica.sql("SELECT pg_wal_replay_resume()")

            try await servers.primary.sql("CREATE UNLOGGED TABLE queue (id integer)", in: "sg")
            try await servers.catchUp()
            try await expectFault("which has no rows of unlogged tables: public.queue.")
            try await servers.primary.sql("DROP TABLE queue", in: "sg")
            try await servers.catchUp()
            try await expectCaution()

            try await servers.replica.sql("ALTER SYSTEM SET primary_conninfo = ''")
            try await servers.replica.sql("SELECT pg_reload_conf()")
            try await servers.replica.wait(until: "NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
            try await expectFault("and it is not connected to its primary server: it lacks everything written since.")
        }
    }
}
