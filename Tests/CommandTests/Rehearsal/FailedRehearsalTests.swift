import MigrationKit
import TestClusters
import Testing

/// `mi-migrate rehearse`, of snapshots that an import would stumble over.
@Suite(.inTurn) struct FailedRehearsalTests {
    let place: RehearsalPlace

    init() async throws { place = try await RehearsalPlace() }

    private func fails(_ sentences: String..., options: String...) async throws -> Workplace.Finished {
        let failed = try await place.workplace.run(
            BuiltPrograms.path("mi-migrate"),
            ["rehearse", "--bucket=./bucket", "--scratch=\(place.scratch.path)"] + options)
        #expect(failed.exit == 5, "\(failed.errors)")
        for sentence in sentences {
            #expect(failed.output.contains(sentence), "\(sentence)\n\(failed.output)\(failed.errors)")
        }
        #expect(failed.errors.contains("The import would fail: fix the failed checks first."), "\(failed.errors)")
        #expect(try await place.isClean())
        return failed
    }

    // MARK: The bucket

    @Test func alteredDumpIsTold() async throws {
        try await place.workplace.takeExample("bucket")
        let name = "bucket/codeintel.sql"
        let text = try place.workplace.folder.text(name)
        try place.workplace.folder.write(name, text.replacing("\n-- Name: ", with: "\n-- Nume: ", maxReplacements: 1))
        let failed = try await fails("codeintel.sql is not what was uploaded: its checksums differ.")
        #expect(failed.output.contains("codeinsights-db  ") && failed.output.contains("pgsql  "))
        #expect(!failed.output.contains("codeintel-db"))
    }

    @Test func missingDumpIsTold() async throws {
        try await place.workplace.takeExample("bucket")
        try place.workplace.folder.remove("bucket/primary.sql")
        let failed = try await fails("primary.sql is missing.")
        #expect(failed.output.contains("codeintel-db  ") && !failed.output.contains("pgsql  "))
    }

    @Test func tornDumpIsTold() async throws {
        let text = try await SmallDump.text
        try place.put(text, as: .primary)
        try place.put(String(text.prefix(text.count / 2)), as: .codeintel)
        try place.put(text, as: .codeinsights)
        let failed = try await fails("FAIL  dump", "Dump this database again; this dump cannot be used.")
        #expect(failed.output.contains("codeinsights-db  ") && failed.output.contains("pgsql  "))
    }

    @Test func alteredSummaryIsToldAndNothingIsLoaded() async throws {
        try await place.workplace.takeExample("bucket")
        try place.workplace.folder.write("bucket/summary.json", "{\"version\": \"5.1.9\"}\n")
        let failed = try await fails("summary.json is not what was uploaded: its checksums differ.")
        #expect(!failed.errors.contains("Starting"))
    }

    @Test func manifestThatCannotBeReadIsTold() async throws {
        try place.workplace.folder.write("bucket/manifest.json", "{")
        _ = try await fails("FAIL  manifest  manifest.json in ./bucket is not valid.")
    }

    @Test func databaseThatWasNotUploadedIsTold() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        let failed = try await fails("The snapshot in ./bucket has no codeintel.sql.")
        #expect(failed.output.contains("pgsql  "))
    }

    // MARK: What a dump holds

    @Test func errorOfTheServerIsToldAndTheOthersGoOn() async throws {
        let text = try await SmallDump.text
        let call = "CREATE VIEW public.broken AS SELECT pg_catalog.no_such_function(1);"
        let broken = text.replacing("\nCOPY ", with: "\n\(call)\n\nCOPY ", maxReplacements: 1)
        try place.put(broken, as: .primary)
        try place.put(text, as: .codeintel)
        try place.put(text.replacing("1906-12-09", with: "1906-02-30"), as: .codeinsights)
        let line = broken.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0 == call }
        let failed = try await fails(
            "the scratch server refused primary.sql:\((line ?? 0) + 1): ERROR:  function pg_catalog.no_such_function(",
            "STATEMENT:  \(call)", "date/time field value out of range: \"1906-02-30\"",
            "CONTEXT:  COPY people, line 2, column born")
        #expect(failed.output.contains("codeintel-db  4 tables"))
        #expect(failed.errors.contains("2 failed."))
    }

    @Test(arguments: [
        ("golang", "schema_migrations (version bigint, dirty boolean)", "(1528395834, true)", "1528395834"),
        (
            "logs", "migration_logs (id int, schema text, version int, up boolean, success boolean)",
            "(1, 'schema_migrations', 1, true, true), (2, 'schema_migrations', 7, true, false)", "7"
        ),
    ])
    func dirtyDatabaseIsTold(name: String, table: String, rows: String, version: String) async throws {
        let dump = try await place.dump(
            "dirty_\(name)",
            "\(BookkeepingSQL.tables) \(BookkeepingSQL.versions) CREATE TABLE \(table); "
                + "INSERT INTO \(table.prefix { $0 != " " }) VALUES \(rows)")
        try await place.workplace.upload(dump, as: .primary)
        let failed = try await fails(
            "FAIL  schema-migrations    The database is dirty", "schema_migrations: \(version)\n",
            options: "--database=primary")
        // What else there is to know is told, too.
        #expect(failed.output.contains("ok    import"))
    }

    @Test func dumpOfAnotherDatabaseIsTold() async throws {
        let dump = try await place.dump(
            "mistaken",
            "CREATE TABLE codeintel_schema_migrations (version bigint, dirty boolean); "
                + "INSERT INTO codeintel_schema_migrations VALUES (1, false)")
        // An upload refuses it; another program does not.
        try place.put(dump, as: .primary)
        _ = try await fails(
            "The dump has the migrations of codeintel_schema_migrations, not of schema_migrations.",
            "primary.sql is the dump of a different Sourcegraph database",
            options: "--database=primary")
    }

    @Test func extensionThatIsNotThereIsTold() async throws {
        let dump = try await SmallDump.text.replacing(
            "CREATE SCHEMA \"audit\";",
            with: "CREATE EXTENSION IF NOT EXISTS \"no_such\" WITH SCHEMA \"public\";\nCREATE SCHEMA \"audit\";")
        try await place.workplace.upload(dump, as: .primary)
        _ = try await fails(
            "The extension no_such is not known to be available in Cloud SQL.",
            "the scratch server does not offer no_such, which primary.sql needs.", options: "--database=primary")
    }

    @Test(arguments: [
        ("3.19.2", "3.19.2, which is older than 3.20"), ("insiders", "insiders, which is a branch build"),
    ])
    func releaseThatCannotBeMovedIsTold(version: String, sentence: String) async throws {
        let dump = try await place.dump(
            "release_\(version.prefix(1))",
            "\(BookkeepingSQL.tables) \(BookkeepingSQL.golangMigrate) CREATE TABLE versions (service text, version text); "
                + "INSERT INTO versions VALUES ('frontend', '\(version)')")
        try await place.workplace.upload(dump, as: .primary)
        let finished = try await place.rehearse("--database=primary")
        #expect(finished.exit == 5)
        #expect(finished.output.contains(sentence), "\(finished.output)")
    }

    // MARK: Rights

    /// Each is tried by the dump while it is loaded.
    @Test(arguments: [
        (
            "RAISE 'this is %, superuser %', current_user, current_setting('is_superuser')",
            "sourcegraph-admin, superuser off"
        ),
        ("EXECUTE 'GRANT pg_execute_server_program TO CURRENT_USER'", "ERROR:  must "),
        ("EXECUTE 'CREATE ROLE another SUPERUSER'", "ERROR:  "),
        ("EXECUTE 'SET ROLE cloudsqlsuperuser'; EXECUTE 'CREATE ROLE another'", "ERROR:  "),
        ("EXECUTE 'ALTER ROLE cloudsqlsuperuser CREATEROLE'", "ERROR:  "),
        ("EXECUTE $q$COPY (SELECT 1) TO PROGRAM 'cat >/tmp/never'$q$", "ERROR:  "),
        ("PERFORM pg_read_file('/etc/passwd')", "ERROR:  permission denied for function pg_read_file"),
    ])
    func dumpHasNoRightsOfASuperuser(statement: String, error: String) async throws {
        let attempt = """
            CREATE FUNCTION public.attempt() RETURNS void LANGUAGE plpgsql AS $$ BEGIN \(statement); END $$;
            CREATE TABLE public.attempts (one integer, CONSTRAINT attempted CHECK (public.attempt() IS NOT NULL));
            COPY public.attempts (one) FROM stdin;
            1
            \\.

            """
        let dump = try await SmallDump.text.replacing("\nCOPY ", with: "\n\(attempt)\nCOPY ", maxReplacements: 1)
        try await place.workplace.upload(dump, as: .primary)
        let failed = try await fails(error, options: "--database=primary")
        #expect(failed.output.contains("PL/pgSQL function public.attempt() line 1"), "\(failed.output)")
    }
}
