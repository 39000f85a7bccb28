import Foundation
import MigrationKit
import TestClusters
import Testing

/// Settings of a database and of roles in it are no part of a dump.
@Suite(.inTurn) struct SettingsRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    private func set(_ settings: [String], of owner: String = "DATABASE", in name: String) async throws {
        for setting in settings {
            try await place.postgres.source.sql(
                """
                DO $do$ BEGIN EXECUTE format('ALTER \(owner) %I SET ', current_database()) || $set$\(setting)$set$;
                END $do$
                """, in: name)
        }
    }

    @Test func databaseWithoutSettingsIsNotSpokenOf() async throws {
        let found = try await place.check("CREATE TABLE t ()")
        #expect(found["settings"] == [])
    }

    /// What is printed is run at another database, and makes the same of it.
    @Test func statementsForTheDestinationSetWhatTheSourceHas() async throws {
        let settings = [
            #"search_path TO "$user", app, "O'dd ""one""", public"#, "work_mem TO '5MB'", "datestyle TO 'ISO, DMY'",
            "application_name TO 'it''s'", "extra_float_digits TO 0",
        ]
        try await place.with("CREATE TABLE t (); CREATE SCHEMA app") { name in
            try await set(settings, in: name)
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == [] && found["settings"].map(\.verdict) == [.warn], "\(found)")
            let names = "DateStyle, application_name, extra_float_digits, search_path, work_mem"
            #expect(found["settings"].reason.contains(names), "\(found["settings"])")
            let statements = try #require(found["settings"].remedy.range(of: "ALTER DATABASE"))
            let source = place.postgres.source
            let query = """
                SELECT unnest(setconfig) AS one FROM pg_db_role_setting
                WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY one
                """
            let expected = try await source.sql(query, in: name)
            #expect(expected.split(separator: "\n").count == 5)
            try await source.withDatabase("req_settings", "") {
                let text = found["settings"].remedy[statements.lowerBound...]
                try await source.sql(String(text.replacing("\"pgsql\"", with: "req_settings")), in: "req_settings")
                #expect(try await source.sql(query, in: "req_settings") == expected)
            }
        }
    }

    @Test func settingsOfRolesAreNamed() async throws {
        try await place.with("") { name in
            try await place.withRole(in: name) { role in
                try await place.postgres.source.sql(
                    """
                    DO $do$ BEGIN EXECUTE format('ALTER ROLE \(role) IN DATABASE %I SET work_mem TO 64', current_database());
                    END $do$
                    """, in: name)
                let found = try await DatabaseRequirements(place.dumper(name)).check()
                #expect(
                    found["settings"].reason.hasSuffix(
                        "does not contain: of roles: \(role): work_mem."), "\(found)")
                #expect(found["settings"].remedy.contains("ALTER DATABASE") == false)
            }
        }
    }
}
