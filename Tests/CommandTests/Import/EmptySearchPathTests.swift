import MigrationKit
import TestClusters
import Testing

/// Sources whose functions and triggers do without schemas: the load stops there, and the remedy works as it is told.
@Suite(.inTurn) struct EmptySearchPathTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private struct Source: CustomTestStringConvertible {
        var testDescription: String
        var schema: String
        /// What is said beside the server's own words.
        var told: String
        /// Following it.
        var remedy: String
    }

    private static let sources = [
        Source(
            testDescription: "a function of a generated column",
            schema: """
                CREATE EXTENSION citext;
                CREATE FUNCTION slug(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
                  $$ BEGIN RETURN lower(t::citext::text); END $$;
                CREATE TABLE page (title text, slug text GENERATED ALWAYS AS (slug(title)) STORED);
                INSERT INTO page VALUES ('One'), ('Two');
                """,
            told: "ALTER FUNCTION … SET search_path = public", remedy: "ALTER FUNCTION slug SET search_path = public"),
        Source(
            testDescription: "a trigger's condition",
            schema: """
                CREATE EXTENSION hstore;
                CREATE TABLE page (title text, attributes hstore);
                INSERT INTO page VALUES ('One', 'a=>1'), ('Two', NULL);
                CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
                CREATE TRIGGER changed BEFORE UPDATE ON page FOR EACH ROW
                  WHEN (old.attributes IS DISTINCT FROM new.attributes) EXECUTE FUNCTION touch();
                """,
            told: "drop it at the source", remedy: "DROP TRIGGER changed ON page"),
    ]

    @Test(arguments: sources.indices) func remedyLetsTheImportPass(index: Int) async throws {
        let (one, source, name) = (Self.sources[index], workplace.postgres.source, "unqualified \(index)")
        try await source.withDatabase(name, one.schema) {
            try await TargetDatabases.withOne { database in
                try await workplace.upload(try await SmallDump.dump(name), as: database)
                let refused = try await migrate(database)
                #expect(refused.exit == 5)
                #expect(refused.errors.contains(" does not exist"), "\(refused.errors)")
                #expect(refused.errors.contains(one.told), "\(one) \(refused.errors)")

                try await source.sql(one.remedy, in: name)
                try await workplace.upload(try await SmallDump.dump(name), as: database)
                let imported = try await migrate(database, "--start-over")
                #expect(imported.exit == 0, "\(one) \(imported.errors)")
                let titles = try await workplace.target.sql("SELECT title FROM page", in: database.importedName)
                #expect(titles == "One\nTwo")
            }
        }
    }

    private func migrate(_ database: Database, _ options: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            ["import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes"]
                + options, environment: ["PGPASSWORD": workplace.postgres.target.password])
    }
}
