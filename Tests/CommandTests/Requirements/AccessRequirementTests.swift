import MigrationKit
import TestClusters
import Testing

/// What the rights of the role come to; pg_dump itself is asked whether that is true.
@Suite(.inTurn) struct AccessRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    private static let tables = """
        CREATE TABLE "a ""b"" | c" (id serial PRIMARY KEY);
        CREATE SCHEMA hidden; CREATE TABLE hidden.other (id integer);
        """

    /// Checks and dumps as a role of its own, after `grants` (in which `ROLE` stands for it).
    private func outcome(
        _ setup: String, _ grants: String, options: String = ""
    ) async throws -> (found: [Finding], dumps: Bool) {
        try await place.with(setup) { name in
            try await place.withRole(in: name, options) { role in
                try await place.postgres.source.sql(
                    grants.split(separator: "ROLE", omittingEmptySubsequences: false).joined(separator: role), in: name)
                let dumper = place.dumper(name, as: role)
                let found = try await DatabaseRequirements(dumper).check()
                let dumps = (try? await place.report(dumper)) != nil
                return (found, dumps)
            }
        }
    }

    @Test func missingRightsAreTold() async throws {
        let (found, dumps) = try await outcome(BookkeepingSQL.all + Self.tables, "GRANT SELECT ON versions TO ROLE")
        #expect(!dumps)
        let told = found["dumpable"]
        try #require(told.map(\.verdict) == [.fail, .fail], "\(found)")
        #expect(told[0].reason.contains("is not allowed to use schemas: hidden."))
        #expect(told[1].reason.contains("hidden.other, public.\"a \"\"b\"\" | c\", "), "\(told)")
        #expect(told[1].reason.contains(" and 3 more."), "\(told)")
        #expect(told[1].remedy?.contains("(sg)") == true)
        #expect(found["versions"].map(\.verdict) == [.pass])
        #expect(found["schema-migrations"].map(\.verdict) == [.fail])
        #expect(found["schema-migrations"].reason.contains("is not allowed to read all rows of public.migration_logs"))
    }

    @Test func sequenceAloneStopsADump() async throws {
        let (found, dumps) = try await outcome(
            "CREATE TABLE t (id serial)", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ROLE")
        #expect(!dumps)
        #expect(found["dumpable"].map(\.verdict) == [.fail])
        #expect(found["dumpable"].reason.contains("public.t_id_seq."), "\(found)")
    }

    @Test func grantedRightsAreEnough() async throws {
        let grants = """
            GRANT USAGE ON SCHEMA hidden TO ROLE; GRANT SELECT ON ALL TABLES IN SCHEMA public, hidden TO ROLE;
            GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ROLE
            """
        let (found, dumps) = try await outcome(BookkeepingSQL.all + Self.tables, grants)
        #expect(dumps)
        #expect(found.allSatisfy { $0.verdict == .pass }, "\(found)")
    }

    @Test func readingAllDataIsEnough() async throws {
        let (found, dumps) = try await outcome(BookkeepingSQL.all + Self.tables, "GRANT pg_read_all_data TO ROLE")
        #expect(dumps)
        #expect(found.allSatisfy { $0.verdict == .pass }, "\(found)")
    }

    /// As Sourcegraph has them since 5.10: a query of a role that they concern is an error where the setting is not set.
    private static let tenants = """
        CREATE TABLE external_services (id integer, encryption_key_id text NOT NULL DEFAULT '');
        INSERT INTO external_services VALUES (1, 'key');
        ALTER TABLE external_services ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON external_services USING (id = current_setting('app.current_tenant')::integer);
        """

    @Test(arguments: [("", true), ("BYPASSRLS", false)])
    func rowLevelSecurityStopsWhoeverItConcerns(options: String, stops: Bool) async throws {
        let (found, dumps) = try await outcome(
            BookkeepingSQL.all + Self.tenants, "GRANT pg_read_all_data TO ROLE", options: options)
        #expect(dumps != stops)
        #expect(found["dumpable"].map(\.verdict) == [stops ? .fail : .pass], "\(found)")
        #expect(found["encryption"].map(\.verdict) == [.fail])
        #expect(
            found["encryption"].reason.contains(
                stops
                    ? "is not allowed to read all rows of public.external_services"
                    : "Tables have encrypted rows: public.external_services (1)"),
            "\(found)")
        if stops { #expect(found["dumpable"].reason.contains("pg_dump would stop: public.external_services.")) }
    }

    @Test func ownerIsNotConcernedByRowLevelSecurity() async throws {
        let (found, dumps) = try await outcome(
            "CREATE TABLE t (id integer); ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t OWNER TO ROLE")
        #expect(dumps)
        #expect(found["dumpable"].map(\.verdict) == [.pass], "\(found)")
    }

    @Test func ownerIsConcernedWhereItIsForced() async throws {
        let (found, dumps) = try await outcome(
            "CREATE TABLE t (id integer); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            "ALTER TABLE t OWNER TO ROLE")
        #expect(!dumps)
        #expect(found.failed == ["dumpable", "contents"], "\(found)")
    }
}
