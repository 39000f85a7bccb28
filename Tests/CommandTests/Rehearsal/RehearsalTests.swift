import Foundation
import MigrationKit
import TestClusters
import Testing

/// `mi-migrate rehearse`, of snapshots that are good, and what it says of them.
@Suite(.inTurn) struct RehearsalTests {
    let place: RehearsalPlace

    init() async throws { place = try await RehearsalPlace() }

    @Test func goodSnapshotPasses() async throws {
        try await place.workplace.takeExample("bucket")
        let passed = try await place.rehearse()
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        for database in Database.allCases {
            let lines = passed.output.split(separator: "\n").filter { $0.hasPrefix("\(database.importedName) ") }
            // One that sums up its tables, one that tells how long it took.
            #expect(lines.count == 2)
            #expect(lines.first?.contains(" tables ") == true && lines.first?.hasSuffix("  equal") == true)
            #expect(lines.last?.contains("/s") == true)
        }
        #expect(passed.output.contains("All schema migrations succeeded (schema_migrations)."))
        #expect(passed.output.contains(/ok +sourcegraph-version +It is from Sourcegraph/))
        #expect(
            passed.errors.contains(" 0 failed. The rehearsal passed. It took "), "\(passed.errors)")
        #expect(try await place.isClean())
    }

    @Test func oneDatabaseCanBeRehearsedAlone() async throws {
        try await place.workplace.upload(SmallDump.text, as: .codeintel)
        let passed = try await place.rehearse("--database=codeintel", "--verbose")
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        #expect(passed.output.contains("codeintel-db  people                 5              5  equal"))
        #expect(!passed.output.contains("pgsql"))
        #expect(try await place.isClean())
    }

    @Test func missingSummaryIsTold() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        let passed = try await place.rehearse("--database=primary")
        #expect(passed.exit == 0, "\(passed.errors)")
        #expect(passed.output.contains("warn  summary              The snapshot has no summary.json of the instance."))
        #expect(passed.output.contains("warn  sourcegraph-version  The dump does not say which release"))
        #expect(passed.output.contains("warn  schema-migrations    The dump has no table of schema migrations."))
    }

    @Test func bucketWithoutManifestIsRehearsedByItsRows() async throws {
        try place.put(await SmallDump.text, as: .primary)
        let passed = try await place.rehearse("--database=primary")
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        #expect(passed.output.contains("warn  manifest             ./bucket has no manifest.json"))
        #expect(passed.output.contains("60 rows dumped; only rows were counted."), "\(passed.output)")
        #expect(passed.output.contains("not compared"))
    }

    @Test func resultIsALineOfJSON() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        let passed = try await place.rehearse("--database=primary", "--json")
        #expect(passed.exit == 0, "\(passed.errors)")
        #expect(passed.errors == "")
        let last = try #require(passed.output.split(separator: "\n").last)
        #expect(last.hasPrefix(#"{"result":{"#) && last.contains(#""passed":true"#), "\(last)")
        #expect(last.contains(#""loadSeconds":"#) && last.contains(#""verdict":"pass""#))
    }

    @Test func variablesForOtherServersDoNotMatter() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        let variables = [
            "PGHOST": "nowhere.invalid", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "nobody",
            "PGPASSWORD": "wrong", "PGDATABASE": "none", "PGDATA": "/nowhere", "PGOPTIONS": "-c no_such=1",
            "PGSSLMODE": "verify-full", "PGCHANNELBINDING": "require", "PGTARGETSESSIONATTRS": "read-only",
            "PGREQUIREAUTH": "gss", "PGGSSENCMODE": "require", "PGSERVICE": "none", "PGREQUIREPEER": "nobody",
            "PGDATESTYLE": "wrong", "PGCLIENTENCODING": "wrong", "PGTZ": "wrong", "PGGEQO": "wrong",
        ]
        let passed = try await place.rehearse("--database=primary", environment: variables)
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
    }

    /// libpq takes one for a value: from PostgreSQL 16 on an empty PGREQUIREAUTH forbids every way to log in.
    @Test func programsGetNoEmptyVariableOfPostgreSQL() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        for program in ["initdb", "pg_ctl", "postgres", "psql"] {
            try place.scratch.write(
                "bin/\(program)",
                """
                #!/bin/sh
                case $* in
                *--version | *--help*) ;;
                *) if env | grep '^PG[A-Z]*=$' >&2; then exit 3; fi ;;
                esac
                exec '\(place.workplace.postgres.bin)/\(program)' "$@"

                """, mode: 0o755)
        }
        let variables = ["PGREQUIREAUTH": "", "PGSSLMODE": "", "PGDATESTYLE": ""]
        let passed = try await place.rehearse(
            "--database=primary", "--postgres-bin=\(place.scratch.path)/bin", environment: variables)
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
    }

    // MARK: The order of text

    /// Holds in the order of bytes, and not in that of people.
    private func uploadWhatHoldsByBytes() async throws {
        let dump = try await place.dump(
            "sorted-\(UUID().uuidString)",
            """
            CREATE TABLE repo (id int, name text) PARTITION BY RANGE (name);
            CREATE TABLE repo_upper PARTITION OF repo FOR VALUES FROM (MINVALUE) TO ('a');
            CREATE TABLE repo_lower PARTITION OF repo FOR VALUES FROM ('a') TO (MAXVALUE);
            INSERT INTO repo VALUES (1, 'Alpha'), (2, 'Zeta'), (3, 'beta');
            """)
        try await place.workplace.upload(dump, as: .primary)
    }

    /// A system that has these locales, and PostgreSQL's programs with an `initdb` that does something else first.
    private func rehearse(locales: String, initdb: String) async throws -> Workplace.Finished {
        try place.workplace.folder.write("bin/locale", "#!/bin/sh\necho '\(locales)'\n", mode: 0o755)
        for program in ["initdb", "pg_ctl", "postgres", "psql"] {
            try place.scratch.write(
                "bin/\(program)",
                """
                #!/bin/sh
                \(program == "initdb" ? initdb : "")
                exec '\(place.workplace.postgres.bin)/\(program)' "$@"

                """, mode: 0o755)
        }
        return try await place.rehearse("--database=primary", "--postgres-bin=\(place.scratch.path)/bin")
    }

    @Test func withoutTheLocaleOfCloudSQLTextIsSortedByICU() async throws {
        try await uploadWhatHoldsByBytes()
        let failed = try await rehearse(locales: "C.utf8", initdb: "")
        #expect(failed.exit == 5, "\(failed.errors)\(failed.output)")
        #expect(failed.output.contains("violates partition constraint"), "\(failed.output)")
        #expect(failed.output.contains("  ok    collation "), "\(failed.output)")
        #expect(failed.output.contains("Text is sorted by ICU's en-US, nearly as in Cloud SQL"), "\(failed.output)")
    }

    @Test func withoutICUTextIsSortedByBytesWithAWarning() async throws {
        try await uploadWhatHoldsByBytes()
        let passed = try await rehearse(
            locales: "C.utf8", initdb: #"case "$*" in *--locale-provider*) echo 'no ICU' >&2; exit 1 ;; esac"#)
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        #expect(passed.output.contains("  warn  collation "), "\(passed.output)")
        #expect(passed.output.contains("Text is sorted by its bytes, not as in Cloud SQL"), "\(passed.output)")
        #expect(passed.output.contains("localedef -i en_US -f UTF-8 en_US.UTF-8"))
    }

    @Test func localeOfCloudSQLIsTakenWhereItIsInstalled() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        // Not every system has it: its name is looked at, and C taken in its place.
        let initdb = """
            for option do
                shift
                case $option in
                --locale=en_US.utf8) option=--locale=C ;;
                --locale=* | --locale-provider=*) echo "$option is another" >&2; exit 1 ;;
                esac
                set -- "$@" "$option"
            done
            """
        let passed = try await rehearse(locales: "C.utf8\nen_US.utf8", initdb: initdb)
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        #expect(passed.output.contains("  ok    collation "), "\(passed.output)")
        #expect(passed.output.contains("Text is sorted as in Cloud SQL: en_US.UTF-8."), "\(passed.output)")
    }

    /// On an instance every `cloudsqlsuperuser` may make it; elsewhere a superuser alone.
    @Test func extensionThatCloudSQLOffersIsMade() async throws {
        let dump = try await SmallDump.text.replacing(
            "CREATE SCHEMA \"audit\";",
            with: "CREATE EXTENSION IF NOT EXISTS \"pgrowlocks\" WITH SCHEMA \"public\";\nCREATE SCHEMA \"audit\";")
        try await place.workplace.upload(dump, as: .primary)
        let passed = try await place.rehearse("--database=primary")
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        #expect(passed.output.contains("The extension is available in Cloud SQL: pgrowlocks."))
    }
}
