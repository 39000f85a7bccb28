import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Extensions that the destination lacks, or that would not be where the dump looks for them.
@Suite(.inTurn) struct ExtensionRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    @Test func extensionThatCloudSQLLacksIsNamed() async throws {
        try await place.with("CREATE TABLE t (); CREATE EXTENSION file_fdw; CREATE EXTENSION citext") { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == ["extensions"], "\(found)")
            #expect(
                found["extensions"].map(\.remedy) == [
                    "Cloud SQL has no extension file_fdw. Run DROP EXTENSION \"file_fdw\" at the source, which says what "
                        + "needs it, then dump again."
                ])
            #expect(
                try await place.report(place.dumper(name)).refusals.map(\.reason) == found["extensions"].map(\.remedy))
        }
    }

    /// None of them can be had here; the catalogue's row is all that is looked at.
    @Test func extensionsOfOtherCloudsAreNamedAsTheRehearsalNamesThem() async throws {
        let names = ["aws_commons", "pgaadauth", "no_such"]
        let rows = names.enumerated().map { "(\(99_990 + $0), '\($1)', 10, 2200, false, '1.0')" }
        let found = try await place.check(
            """
            CREATE TABLE t ();
            SET allow_system_table_mods = on;
            INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            VALUES \(rows.joined(separator: ", "));
            """, .primary)
        #expect(found.failed == ["extensions"], "\(found)")
        let extensions = found["extensions"]
        #expect(extensions.map(\.verdict) == [.fail, .warn, .fail])
        for (name, finding) in zip(names.sorted(), extensions) {
            #expect(finding.reason.contains("The extension \(name) "), "\(finding)")
        }
        let needed = names.sorted().map { RequiredExtension(name: $0, schema: "public") }
        #expect(extensions == Finding.extensions(needed, in: "primary"))
    }

    /// The remedy is run as it is printed, and then nothing is left to be said.
    @Test(arguments: [true, false]) func extensionInASchemaOfItsOwnIsRefused(isRelocatable: Bool) async throws {
        let setup = """
            CREATE TABLE t (); CREATE SCHEMA "x ""y"; CREATE EXTENSION pg_trgm SCHEMA "x ""y"; SET allow_system_table_mods = on;
            UPDATE pg_extension SET extrelocatable = \(isRelocatable) WHERE extname = 'pg_trgm'
            """
        let remedy =
            isRelocatable ? "ALTER EXTENSION \"pg_trgm\" SET SCHEMA public" : "DROP EXTENSION \"pg_trgm\""
        try await place.with(setup) { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == ["extensions"], "\(found)")
            #expect(found["extensions"].remedy.contains("Run \(remedy)"), "\(found["extensions"])")
            #expect(found["extensions"].remedy.contains("SET SCHEMA") == isRelocatable)
            #expect(try await place.report(place.dumper(name)).refusals.map { $0.reason.contains(remedy) } == [true])
            try await place.postgres.source.sql(remedy, in: name)
            #expect(try await DatabaseRequirements(place.dumper(name)).check().failed == [])
            #expect(try await place.report(place.dumper(name)).refusals == [])
        }
    }

    @Test func extensionsOfTheSourcesOwnServiceStayThere() async throws {
        let found = try await place.check(
            """
            CREATE TABLE t (); SET allow_system_table_mods = on; CREATE SCHEMA pglogical; CREATE EXTENSION citext;
            INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            VALUES (99990, 'pglogical', 10, 'pglogical'::regnamespace, false, '1.0');
            """)
        #expect(found.failed == [], "\(found)")
        let told =
            "The extension is available in Cloud SQL: citext. Not imported, because they belong to the source: pglogical."
        #expect(found["extensions"].map(\.reason) == [told])
    }

    @Test(arguments: [Database.primary, .codeinsights])
    func timescaleHasToGoFirst(database: Database) async throws {
        // The extension itself cannot be had here; the catalogue's row is all that is looked at.
        let found = try await place.check(
            """
            CREATE TABLE t ();
            SET allow_system_table_mods = on;
            INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            VALUES (99999, 'timescaledb', 10, 2200, false, '2.0.0');
            """, database)
        #expect(found.failed == ["timescaledb"], "\(found)")
        #expect(found["timescaledb"].reason.contains("TimescaleDB 2.0.0 is installed"))
        #expect(found["timescaledb"].remedy.contains("3.39 or newer"))
        #expect(found["timescaledb"].remedy.contains("can be recreated") == (database == .codeinsights))
        #expect(found["extensions"].map(\.verdict) == [.pass])
    }
}
