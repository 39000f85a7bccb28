import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// A dump that pg_dump was told to make of a part of a database ends with the same last words as any other.
@Suite(.inTurn) struct IncompleteDumpTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private static let schema = """
        CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
        INSERT INTO schema_migrations VALUES (1528395834, false);
        CREATE TABLE versions (service text PRIMARY KEY, version text NOT NULL);
        INSERT INTO versions VALUES ('frontend', '3.30.1');
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE TABLE repo (id int PRIMARY KEY);
        CREATE TABLE event_logs (id bigserial PRIMARY KEY, t text);
        INSERT INTO event_logs (t) SELECT 'e' FROM generate_series(1, 50);
        """

    struct Part: Sendable, CustomTestStringConvertible {
        var options: [String]
        var gap: String

        var testDescription: String { options.joined(separator: " ") }
    }

    private static let tables = "event_logs, repo, schema_migrations, users, versions"

    static let parts = [
        Part(options: ["--exclude-table-data=event_logs"], gap: "The rows of event_logs are missing"),
        Part(options: ["--schema-only"], gap: "The rows of \(tables) are missing"),
        Part(options: ["--section=pre-data"], gap: "The rows of \(tables) are missing"),
        Part(options: ["--data-only"], gap: "It has the rows of \(tables) but does not create them"),
        Part(
            options: ["--exclude-table=versions", "--exclude-table=*migrations"],
            gap: "It lacks tables that Sourcegraph has: versions, migration_logs (schema_migrations before 3.36)."),
        Part(options: ["--section=pre-data", "--section=data"], gap: "It creates no indexes and no keys"),
    ]

    /// Dumps a database of this schema by hand.
    private func dump(_ name: String, _ options: [String], _ schema: String = Self.schema) async throws -> String {
        let source = workplace.postgres.source
        let format = options == ["--data-only"] ? [] : ["--clean", "--if-exists"]
        return try await source.withDatabase(name, schema) {
            let dumped = try await workplace.run(
                workplace.postgres.bin.appending("pg_dump").string,
                ["--no-acl", "--no-owner", "--quote-all-identifiers", "--host=127.0.0.1", "--port=\(source.port)"]
                    + ["--username=\(source.superuser)", "--dbname=\(name)"] + format + options,
                environment: ["PGPASSWORD": source.password, "PGTZ": "UTC"])
            try #require(dumped.exit == 0, "\(dumped.errors)")
            return dumped.output
        }
    }

    private func upload(_ options: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["upload", "-bucket=./bucket", "-file=primary.sql", "--without-summary"] + options)
    }

    @Test(arguments: parts)
    func partOfADatabaseIsNotUploaded(part: Part) async throws {
        // A name with `=` in it is a connection string.
        let name = "part \(part.options.joined().filter(\.isLetter))"
        try workplace.folder.write("src-snapshot/primary.sql", await dump(name, part.options))
        let verified = try await workplace.snapshot("verify")
        #expect(
            verified.errors.contains(
                "warning: src-snapshot/primary.sql is not a complete dump of Sourcegraph's database primary."))
        #expect(verified.errors.contains(part.gap), "\(verified.errors)")
        for profile in ["cloud-sql", "none"] {
            let refused = try await upload("--profile=\(profile)")
            #expect(refused.exit == 4, "\(refused.errors)")
            #expect(refused.errors.contains(part.gap), "\(refused.errors)")
            #expect(refused.errors.contains("--incomplete='REASON'"), "\(refused.errors)")
        }
        #expect(!workplace.folder.exists("bucket/manifest.json"))
        let taken = try await upload("--incomplete=the logs are not needed")
        #expect(taken.exit == 0, "\(taken.errors)")
        #expect(taken.errors.contains("Accepted: the logs are not needed"), "\(taken.errors)")
    }

    @Test func wholeDatabaseIsUploaded() async throws {
        try workplace.folder.write("src-snapshot/primary.sql", await dump("part none", []))
        let uploaded = try await upload()
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(!uploaded.errors.contains("warning"), "\(uploaded.errors)")
    }

    @Test func emptyDatabaseIsToldWhenItIsDumped() async throws {
        try await workplace.postgres.source.withDatabase("part empty", "SELECT 1") {
            try workplace.writeTargets { _, lines in lines.dbname = "part empty" }
            let dumped = try await workplace.snapshot(
                "databases", "pg_dump", "--targets=targets.yaml", "--run", "--only=primary")
            #expect(dumped.errors.contains("It has no tables: the database that was dumped is empty"))
            let refused = try await upload()
            #expect(refused.exit == 4, "\(refused.errors)")
        }
    }

    /// A summary says that the snapshot is an instance's.
    @Test func databaseWithoutSourcegraphsTablesIsRefusedBesideASummary() async throws {
        let text = try await dump("part notes", [], "CREATE TABLE notes (id int PRIMARY KEY)")
        try workplace.folder.write("src-snapshot/primary.sql", text)
        let trial = try await upload()
        #expect(trial.exit == 0, "\(trial.errors)")
        let gap = "It lacks tables that Sourcegraph has: versions, migration_logs"
        #expect(trial.errors.contains(gap), "\(trial.errors)")
        try workplace.folder.write("src-snapshot/summary.json", "{}\n")
        for files in ["primary.sql,summary.json", "primary.sql"] {
            let refused = try await workplace.run(
                BuiltPrograms.path("src-snapshot"), ["upload", "-bucket=./other", "-file=\(files)"])
            #expect(refused.exit == 4, "\(refused.errors)")
            #expect(refused.errors.contains(gap), "\(refused.errors)")
        }
        try await TargetDatabases.withOne { database in
            for file in ["\(database.dumpName)", "summary.json"] {
                try workplace.folder.write("bucket/\(file)", file == "summary.json" ? "{}\n" : text)
            }
            try? workplace.folder.remove("bucket/manifest.json")
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(of: database, afterReset: { Issue.record("was reset") })
            }
            #expect(error.message.contains("is not a complete dump of Sourcegraph's database"), "\(error)")
        }
    }

    @Test func swappedTargetsAreRefusedWhenTheyAreDumped() async throws {
        try workplace.writeTargets { database, lines in
            lines.dbname = ["primary": "codeintel", "codeintel": "sg"][database.rawValue] ?? lines.dbname
        }
        let refused = try await workplace.snapshot("databases", "pg_dump", "--targets=targets.yaml", "--run")
        #expect(refused.exit == 4, "\(refused.errors)")
        for name in ["primary.sql", "codeintel.sql"] {
            #expect(refused.errors.contains("\(name) is the dump of a different Sourcegraph database"))
            #expect(!workplace.folder.exists("src-snapshot/\(name)"))
        }
        #expect(workplace.folder.exists("src-snapshot/codeinsights.sql"))
    }

    @Test func swappedDumpsAreNotUploaded() async throws {
        try await workplace.takeExample("src-snapshot")
        for file in ["primary.sql", "primary.dump.json"] { try workplace.folder.remove("src-snapshot/\(file)") }
        try workplace.folder.copy(workplace.folder.file("src-snapshot/codeintel.sql"), to: "src-snapshot/primary.sql")
        let refused = try await upload("--incomplete=never mind")
        #expect(refused.exit == 4, "\(refused.errors)")
        #expect(refused.errors.contains("primary.sql is the dump of a different Sourcegraph database"))
    }

    @Test func importRefusesItBeforeAnythingIsDroppedUnlessAReasonIsGiven() async throws {
        let text = try await dump("part import", ["--exclude-table-data=event_logs"])
        let database = Database.primary
        try await TargetDatabases.withAll {
            try workplace.folder.write("bucket/\(database.dumpName)", text)
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(of: database, afterReset: { Issue.record("was reset") })
            }
            #expect(error.details.contains { $0.hasPrefix("The rows of event_logs are missing") }, "\(error)")
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
                "--incomplete=the logs are not needed")
            #expect(imported.exit == 0, "\(imported.errors)")
        }
    }
}
