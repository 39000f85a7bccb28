import DumpSamples
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What a dump shows of what was left out when it was made.
@Suite struct DumpGapsTests {
    private static func contents(_ body: String) throws -> DumpContents {
        try Passed(SQLDumps.whole(body)).report.contents
    }

    private static func gaps(_ body: String) throws -> DumpGaps { try #require(try contents(body).gaps) }

    private static func names(_ tables: [TableName]) -> [String] { tables.map(\.description) }

    @Test func wholeDumpHasNone() throws {
        let gaps = try Self.gaps(
            """
            CREATE TABLE "public"."users" ("id" integer);
            CREATE UNLOGGED TABLE audit.notes (body text);
            CREATE TABLE none ();
            \(SQLDumps.copy("\"public\".\"users\" (\"id\")", "1"))\(SQLDumps.copy("audit.notes (body)"))
            \(SQLDumps.copy("none "))
            ALTER TABLE ONLY "public"."users" ADD CONSTRAINT "users_pkey" PRIMARY KEY ("id");
            """)
        #expect(gaps == DumpGaps(tables: 3, tablesWithoutRows: [], rowsWithoutTable: [], hasKeys: true))
    }

    @Test func tableWithoutItsCopyIsNamed() throws {
        let gaps = try Self.gaps("CREATE TABLE a (x int);\nCREATE TABLE b.c (x int);\n" + SQLDumps.copy("a (x)"))
        #expect(Self.names(gaps.tablesWithoutRows) == ["b.c"])
        #expect(!gaps.hasKeys)
    }

    @Test(arguments: [
        "CREATE FOREIGN TABLE f (x int) SERVER s;", "CREATE VIEW v AS SELECT 1 AS \"table\";",
        "CREATE TABLE r (x int)\nPARTITION BY RANGE (x);",
        "CREATE FUNCTION f() RETURNS TABLE(a int) LANGUAGE sql AS $$ $$;",
        "CREATE MATERIALIZED VIEW m AS SELECT 1 WITH NO DATA;",
    ])
    func whatHasNoRowsOfItsOwnNeedsNoCopy(statement: String) throws {
        #expect(try Self.gaps(statement).tablesWithoutRows.isEmpty)
    }

    /// pg_dump writes so for a hash partition on an enum.
    @Test func partitionsThatAreLoadedThroughTheirRootHaveRows() throws {
        let gaps = try Self.gaps(
            """
            CREATE TABLE public.jobs (x int) PARTITION BY HASH (x);
            CREATE TABLE public.jobs_0 (x int);
            CREATE TABLE public.other (x int);
            ALTER TABLE ONLY public.jobs ATTACH PARTITION public.jobs_0 FOR VALUES WITH (modulus 1, remainder 0);
            \(SQLDumps.copy("public.jobs (x)", "1"))
            """)
        #expect(Self.names(gaps.tablesWithoutRows) == ["other"])
        #expect(gaps.rowsWithoutTable.isEmpty)
    }

    @Test func rowsWithoutTheirTableAreNamedUnlessAnExtensionMadeIt() throws {
        let rows = SQLDumps.copy("cron.job (x)", "1")
        #expect(Self.names(try Self.gaps(rows).rowsWithoutTable) == ["cron.job"])
        #expect(try Self.gaps("CREATE EXTENSION pg_cron;\n" + rows).rowsWithoutTable.isEmpty)
    }

    @Test(arguments: [
        "CREATE INDEX i ON t USING btree (x);", "CREATE UNIQUE INDEX i ON t (x);",
        "ALTER TABLE ONLY t ADD CONSTRAINT t_pkey PRIMARY KEY (x);",
    ])
    func keysAreSeen(statement: String) throws {
        #expect(try Self.gaps(statement).hasKeys)
    }

    private static let head = """
        ALTER TABLE IF EXISTS ONLY "public"."t" DROP CONSTRAINT IF EXISTS "t_pkey";
        DROP TRIGGER IF EXISTS "touched" ON "public"."t";
        DROP TRIGGER IF EXISTS "touched" ON "public"."t_0";
        DROP INDEX IF EXISTS "public"."t_name";
        DROP INDEX IF EXISTS "audit"."t_name";
        DROP SEQUENCE IF EXISTS "public"."t_id_seq";
        DROP TABLE IF EXISTS "public"."t";
        CREATE TABLE "public"."t" ("id" integer, "name" text);
        CREATE SEQUENCE "public"."t_id_seq" AS integer;
        \(SQLDumps.copy("\"public\".\"t\" (\"id\", \"name\")", "1\ta"))
        SELECT pg_catalog.setval('"public"."t_id_seq"', 42, true);

        """
    private static let postData = [
        "ALTER TABLE ONLY \"public\".\"t\" ADD CONSTRAINT \"t_pkey\" PRIMARY KEY (\"id\");",
        "CREATE INDEX \"t_name\" ON \"public\".\"t\" USING btree (\"name\");",
        "CREATE UNIQUE INDEX \"t_name\" ON \"audit\".\"t\" USING btree (\"name\");",
        "CREATE TRIGGER \"touched\" BEFORE UPDATE ON \"public\".\"t\" FOR EACH ROW EXECUTE FUNCTION f();",
        "ALTER TABLE \"public\".\"t_0\" DISABLE TRIGGER \"touched\";",
    ]

    @Test func whatIsDroppedAndNotMadeAnewIsNamed() throws {
        #expect(try Self.gaps(Self.head + Self.postData.joined(separator: "\n")).notMadeAnew == nil)
        let names = ["constraint t_pkey", "index t_name", "index t_name", "trigger touched", "trigger touched"]
        for (left, name) in zip(Self.postData.indices, names) {
            var others = Self.postData
            others.remove(at: left)
            #expect(try Self.gaps(Self.head + others.joined(separator: "\n")).notMadeAnew == [name])
        }
    }

    @Test func sequencesThatAreMadeAndNotSetAreNamed() throws {
        let made = """
            CREATE SEQUENCE public.a_seq AS integer;
            ALTER TABLE public.b ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
                SEQUENCE NAME public.b_seq
                START WITH 1
            );

            """
        #expect(Self.names(try #require(try Self.gaps(made).unsetSequences)) == ["a_seq", "b_seq"])
        let set =
            "SELECT pg_catalog.setval('public.a_seq', 1, false);\nSELECT pg_catalog.setval('public.b_seq', 9, true);"
        #expect(try Self.gaps(made + set).unsetSequences == nil)
    }

    /// A table that was left out leaves its sequence behind.
    @Test func sequencesOfNoTableMakeOneAsk() throws {
        let owned = [
            "ALTER SEQUENCE \"public\".\"a_id_seq\" OWNED BY \"public\".\"a\".\"id\";",
            "ALTER TABLE ONLY a ALTER COLUMN id SET DEFAULT \"nextval\"('\"public\".\"a_id_seq\"'::\"regclass\");",
            "CREATE TABLE b (id int DEFAULT nextval('a_id_seq'::regclass));", "",
        ]
        let made = "CREATE SEQUENCE \"public\".\"a_id_seq\" AS integer;\nCREATE SEQUENCE tickets;\n"
        for statement in owned {
            let found = try Self.gaps(made + statement).ownerlessSequences
            #expect(found.map(Self.names) == (statement.isEmpty ? ["a_id_seq"] : nil))
        }
        let body = Self.sourcegraph + Self.key + made + "SELECT setval('a_id_seq', 1);\nSELECT setval('tickets', 1);\n"
        #expect(try Self.told(body) == [])
        let told = try DumpCompleteness(database: .primary, contents: Self.contents(body)).warning(name: "primary.sql")
        #expect(
            told?.text.hasPrefix("primary.sql may lack tables: it creates a_id_seq, which belong to no table.") == true)
    }

    /// A COPY for each partition: where one is left out, its rows are.
    @Test func partitionsThatAreLoadedThroughTheirRootAreCounted() throws {
        let tables = (0..<2).map { number in
            """
            CREATE TABLE public.jobs_\(number) (x int);
            ALTER TABLE ONLY public.jobs ATTACH PARTITION public.jobs_\(number) FOR VALUES WITH (modulus 2, remainder \(number));

            """
        }
        let schema = "CREATE TABLE public.jobs (x int) PARTITION BY HASH (x);\n" + tables.joined()
        let rows = "-- load via partition root public.jobs\n" + SQLDumps.copy("public.jobs (x)", "1")
        #expect(try Self.gaps(schema + rows + rows).tablesWithoutRows.isEmpty)
        #expect(Self.names(try Self.gaps(schema + rows).tablesWithoutRows) == ["jobs"])
    }

    // MARK: What is said of it

    private static func table(_ name: String, rows: String...) -> String {
        "CREATE TABLE \(name) (a text, b text);\n" + "COPY \(name) (a, b) FROM stdin;\n"
            + rows.map { $0 + "\n" }.joined() + "\\.\n"
    }

    private static let own = table("users") + table("repo")
    private static let versions = table("versions", rows: "frontend\t3.30.1")
    private static let migrations =
        "CREATE TABLE schema_migrations (version bigint, dirty boolean);\n"
        + SQLDumps.copy("schema_migrations (version, dirty)", "1\tf")
    private static let key = "ALTER TABLE ONLY users ADD CONSTRAINT a PRIMARY KEY (a);\n"
    private static let sourcegraph = versions + migrations + own

    private static func told(
        _ body: String, _ database: Database = .primary, isOfInstance: Bool = true
    ) throws -> [String] {
        try DumpCompleteness(database: database, contents: contents(body), isOfInstance: isOfInstance).gaps.map(\.text)
    }

    @Test func databaseOfSourcegraphHasNoGap() throws {
        #expect(try Self.told(Self.sourcegraph + Self.key) == [])
    }

    @Test func tablesThatSourcegraphHasAreMissed() throws {
        let versions = try Self.told(Self.migrations + Self.own + Self.key)
        #expect(versions == ["It lacks tables that Sourcegraph has: versions."])
        let migrations = try Self.told(Self.versions + Self.own + Self.key)
        #expect(
            migrations == [
                "It lacks tables that Sourcegraph has: migration_logs (schema_migrations before 3.36)."
            ])
        let own = try Self.told(Self.versions + Self.table("migration_logs") + Self.table("users") + Self.key)
        #expect(own == ["It lacks tables that Sourcegraph has: repo."])
    }

    @Test(arguments: [
        (Database.codeintel, "codeintel_schema_migrations", "lsif_data_documents"),
        (.codeintel, "migration_logs", "codeintel_scip_documents"), (.codeinsights, "migration_logs", "series_points"),
        (.codeinsights, "codeinsights_schema_migrations", "series_points"),
    ])
    func onlyThePrimaryDatabaseHasARelease(database: Database, migrations: String, own: String) throws {
        #expect(try Self.told(Self.table(migrations) + Self.table(own) + Self.key, database) == [])
        let gaps = try Self.told(Self.table(migrations) + Self.key, database)
        #expect(gaps.count == 1 && gaps[0].contains(String(own.prefix(9))), "\(gaps)")
    }

    /// Somebody tries the tools with a database of their own.
    @Test func otherDatabasesAreMissedOnlyInASnapshotOfAnInstance() throws {
        let body = Self.table("notes")
        #expect(try Self.told(body).count == 1)
        #expect(try Self.told(body, isOfInstance: false) == [])
        let trial = DumpCompleteness(database: .primary, contents: try Self.contents(body), isOfInstance: false)
        #expect(trial.warning(name: "x")?.text.contains("It lacks tables that Sourcegraph has: versions, ") == true)
        // What has some of Sourcegraph's tables has to have the others.
        for some in [Self.own, Self.versions, Self.migrations] {
            #expect(try Self.told(some + Self.key, isOfInstance: false).count == 1)
        }
    }

    @Test func sourcegraphsTablesHaveKeys() throws {
        #expect(
            try Self.told(Self.sourcegraph) == ["It creates no indexes and no keys (--section without post-data)."])
        let table = "CREATE TABLE a (x int);\n" + SQLDumps.copy("a (x)")
        #expect(try Self.told(table, isOfInstance: false) == [])
    }

    @Test func dumpOfAnotherDatabaseIsRefusedWhateverTheReason() throws {
        let contents = try Self.contents(Self.sourcegraph + Self.key)
        let swapped = DumpCompleteness(database: .codeintel, contents: contents)
        for reason in [nil, "a reason"] {
            let error = #expect(throws: MigrationError.self) {
                try swapped.check(accepting: reason, name: "codeintel.sql")
            }
            #expect(
                error?.message == "codeintel.sql is the dump of a different Sourcegraph database: it records the "
                    + "migrations of schema_migrations, not of codeintel_schema_migrations.")
        }
        #expect(throws: Never.self) {
            try DumpCompleteness(database: .primary, contents: contents).check(accepting: nil, name: "x")
        }
    }

    @Test(arguments: [
        (Database.codeintel, own, "primary"), (.primary, table("codeintel_scip_documents"), "codeintel"),
        (.codeintel, table("series_points"), "codeinsights"),
    ])
    func dumpOfAnotherDatabaseIsKnownByItsTables(database: Database, tables: String, owner: String) throws {
        let contents = try Self.contents(tables + Self.table("migration_logs"))
        let error = #expect(throws: MigrationError.self) {
            try DumpCompleteness(database: database, contents: contents).checkIsOwn(name: "x")
        }
        #expect(error?.message.hasSuffix("it has the tables of \(owner).") == true)
    }

    @Test func emptyDatabaseIsNoDatabaseOfSourcegraph() throws {
        let empty = DumpCompleteness(database: .primary, contents: try Self.contents("SELECT 1;"))
        #expect(empty.gaps.first?.text.hasPrefix("It has no tables") == true)
        let error = #expect(throws: MigrationError.self) { try empty.check(accepting: nil, name: "primary.sql") }
        #expect(error?.code == .damagedSnapshot)
        #expect(error?.next?.contains("--incomplete='REASON'") == true)
        #expect(throws: Never.self) { try empty.check(accepting: "a rehearsal", name: "x") }
        #expect(empty.warning(name: "x", accepting: "a rehearsal")?.text.hasSuffix("Accepted: a rehearsal") == true)
    }

    @Test func warningTellsProgramsWhatIsMissing() throws {
        let schema = "CREATE TABLE public.jobs (x int);\nCREATE SEQUENCE jobs_seq;\n"
        let trial = DumpCompleteness(
            database: .primary, contents: try Self.contents(Self.sourcegraph + Self.key + schema))
        let values = try #require(trial.warning(name: "primary.sql", accepting: "a test")).values
        #expect(values["name"] == "primary.sql" && values["database"] == "primary" && values["accepted"] == "a test")
        #expect(
            values["gaps"] == [
                ["kind": "rows-missing", "names": ["jobs"]], ["kind": "sequences-not-set", "names": ["jobs_seq"]],
            ], "\(values)")
    }

    @Test func manifestOfAnOlderProgramTellsOnlyWhichTablesHaveRows() throws {
        var contents = try Self.contents(Self.sourcegraph)
        contents.gaps = nil
        #expect(DumpCompleteness(database: .primary, contents: contents).gaps == [])
        contents.tables = []
        #expect(DumpCompleteness(database: .primary, contents: contents).gaps.count == 1)
    }
}
