import MigrationKit
import TestClusters
import Testing

/// Dump, upload, verify, import, by the built commands between real servers.
@Suite(.inTurn) struct RoundTripTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    @Test func everyRowAndObjectArrives() async throws {
        try await workplace.takeExample("bucket")
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        try await TargetDatabases.withAll {
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("\(workplace.serverName) holds exactly the rows that were dumped."))
            for database in Database.allCases {
                let source = database == .primary ? "sg" : database.rawValue
                // Not by our own digests: by what each server says of its rows, in one order.
                let arrived = try await Self.all(of: workplace.postgres.target, database.importedName)
                let dumped = try await Self.all(of: workplace.postgres.source, source)
                #expect(dumped.count > 20 && Array(arrived.difference(from: dumped)).isEmpty)
                let owners = try await workplace.postgres.target.sql(Self.owners, in: database.importedName)
                #expect(owners == "sourcegraph-admin")
            }
        }
    }

    @Test func tableOfTheProofNamesEveryTable() async throws {
        try await workplace.takeExample("bucket")
        let imported = try await TargetDatabases.withAll {
            try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=codeintel-db", "--yes",
                "--verbose")
        }
        let lines = imported.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.first == ["database", "table", "rows", "dumped", "rows", "imported", "content"])
        let tables = try await workplace.postgres.source.sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", in: "codeintel")
        #expect(Set(lines.dropFirst().map { $0[1] }) == Set(tables.split(separator: "\n").map(String.init)))
        #expect(lines.dropFirst().allSatisfy { $0[0] == "codeintel-db" && $0[2] == $0[3] && $0.last == "equal" })
    }

    @Test func importingAgainDoesNothingAndStartingOverReplacesWhatIsThere() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let place = "Journal: ./bucket/mi-migrate/\(workplace.serverName)\n"
            for option in ["--yes", "--take-over", "--start-over"] {
                let imported = try await workplace.migrate(
                    "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)",
                    "--yes", option)
                #expect(imported.exit == 0, "\(imported.errors)")
                #expect(imported.errors.contains(place), "\(imported.errors)")
                #expect(imported.errors.contains("Nothing is left to do") == (option == "--take-over"))
                #expect(option != "--start-over" || imported.errors.contains("will be dropped"))
                if option == "--take-over" { continue }
                try await workplace.postgres.target.sql(
                    "CREATE TABLE left_behind (); DELETE FROM visits", in: database.importedName)
            }
            let status = try await workplace.migrate(
                "status", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)")
            #expect(status.errors.contains(place) && status.errors.contains("was completed and proven at"))
        }
    }

    @Test func rowsAreCountedForThePlanner() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            let rows = try await workplace.postgres.target.sql(
                "SELECT reltuples FROM pg_class WHERE relname = 'visits'", in: database.importedName)
            #expect(rows == "50")
        }
    }

    // MARK: What a server holds, in its own words

    private static let mine = """
        n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_' AND NOT EXISTS
          (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
        """

    private static func all(of server: ScratchPostgres.Cluster, _ database: String) async throws -> [Substring] {
        let rows = try await server.sql(try await server.sql(countsAndDigests, in: database), in: database)
        let objects = try await server.sql(objects, in: database)
        // pg_stat_statements is in the target's template1.
        return "\(rows)\n\(objects)".split(separator: "\n").filter { $0 != "pg_stat_statements" }
    }

    /// The question for them.
    private static let countsAndDigests = """
        SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(t::text, E''\\n'' ORDER BY t::text COLLATE "C")) FROM %s t',
          o.oid::regclass, o.oid::regclass), ' UNION ALL ') || ' ORDER BY 1'
        FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE relkind IN ('r', 'm') AND \(mine)
        """

    private static let objects = """
        SELECT o.relkind, n.nspname, o.relname FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
          WHERE n.nspname <> 'pg_toast' AND \(mine) ORDER BY 1, 2, 3;
        SELECT pg_get_indexdef(o.oid) FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
          WHERE o.relkind = 'i' AND \(mine) ORDER BY 1;
        SELECT conname, pg_get_constraintdef(o.oid), convalidated FROM pg_constraint o
          JOIN pg_namespace n ON n.oid = o.connamespace WHERE \(mine) ORDER BY 1, 2;
        SELECT o.oid::regprocedure, md5(pg_get_functiondef(o.oid)) FROM pg_proc o
          JOIN pg_namespace n ON n.oid = o.pronamespace WHERE \(mine) ORDER BY o.oid::regprocedure::text;
        SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;
        SELECT polrelid::regclass, polname, pg_get_expr(polqual, polrelid) FROM pg_policy ORDER BY polname;
        SELECT schemaname, sequencename, last_value, start_value, increment_by, cache_size FROM pg_sequences ORDER BY 1, 2;
        SELECT extname FROM pg_extension ORDER BY 1;
        """

    private static let owners = """
        SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE \(mine)
        """
}
