import MigrationKit
import TestClusters
import Testing

/// What `check` says of a database as a whole, and of one that it cannot reach.
@Suite(.inTurn) struct DatabaseRequirementsTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    @Test(arguments: Database.allCases)
    func databasesShapedLikeSourcegraphsPass(database: Database) async throws {
        let dbname = database == .primary ? "sg" : database.rawValue
        let found = try await DatabaseRequirements(place.dumper(database, dbname)).check()
        #expect(found.failed == [], "\(found)")
        #expect(found.allSatisfy { $0.place == database.rawValue && $0.reason.hasSuffix(".") })
        let common = [
            "reachable", "postgres-version", "pg-dump", "dumpable", "timescaledb", "extensions", "encryption",
            "schema-migrations",
        ]
        let own = database == .primary ? ["versions", "out-of-band-migrations"] : []
        #expect(found.map(\.name) == common + own + ["contents"])
        // The example has one that is still on its way.
        #expect(found.filter { $0.verdict == .warn }.map(\.name) == own.suffix(1))
    }

    @Test func nothingElseIsAskedOfAServerThatIsNotThere() async throws {
        let found = try await DatabaseRequirements(place.dumper("sg", port: 1)).check()
        #expect(found.map(\.name) == ["reachable"])
        #expect(found.failed == ["reachable"])
        #expect(found.reason.contains("Connecting to primary failed"), "\(found)")
        #expect(found.reason.contains("Connection refused"))
        #expect(found.remedy.contains("Check the target"))
    }

    @Test func wrongPasswordIsToldAndNotShown() async throws {
        let found = try await DatabaseRequirements(place.dumper("sg", password: "wrong-and-secret")).check()
        #expect(found.map(\.name) == ["reachable"])
        #expect(found.reason.contains("password authentication failed"), "\(found)")
        #expect(!"\(found)".contains("wrong-and-secret"))
    }

    @Test func databaseThatAnOldInstanceLacksIsToldAsThat() async throws {
        let dumper = place.dumper(.codeinsights, "nowhere")
        let unknown = try await DatabaseRequirements(dumper).check()
        #expect(unknown.map(\.verdict) == [.fail])
        #expect(unknown.reason.contains("\"nowhere\" does not exist"), "\(unknown)")
        #expect(
            unknown.remedy.contains(
                "a database codeinsights since 3.25; if the instance is older, skip it with --only"))

        let old = try await DatabaseRequirements(dumper, instance: SourcegraphVersion(3, 24, 1)).check()
        #expect(old.map(\.verdict) == [.warn])
        #expect(old.reason.contains("since 3.25, and this is 3.24.1."), "\(old)")

        let new = try await DatabaseRequirements(dumper, instance: SourcegraphVersion(3, 25)).check()
        #expect(new.map(\.verdict) == [.fail])
        #expect(new.remedy.contains("--only") == false)
    }

    @Test func functionsOfTheSourceAreNotCalled() async throws {
        // Each would be found before the server's own by a search path that has `public` in it.
        let traps = [
            ("format(text, name, name)", "text"), ("format(text, name)", "text"),
            ("has_table_privilege(oid, text)", "boolean"),
            ("row_security_active(oid)", "boolean"), ("to_jsonb(migration_logs)", "jsonb"),
            ("\"left\"(name, integer)", "text"),
        ]
        let setup = traps.map { signature, type in
            "CREATE FUNCTION public.\(signature) RETURNS \(type) LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;"
        }
        let found = try await place.check(
            BookkeepingSQL.all + setup.joined() + "CREATE VIEW public.schema_migrations AS SELECT 1 / 0 AS version;")
        #expect(found.allSatisfy { $0.verdict == .pass }, "\(found)")
    }

    @Test func emptyDatabaseIsToldAsNoneOfSourcegraphs() async throws {
        let found = try await place.check("")
        #expect(found.failed == ["schema-migrations"], "\(found)")
        #expect(found["schema-migrations"].reason == "The database has no tables.")
        #expect(found.filter { $0.verdict == .warn }.map(\.name) == ["versions", "out-of-band-migrations"])
    }

    @Test func databaseOfAnotherProgramIsToldAsNoneOfSourcegraphs() async throws {
        let found = try await place.check("CREATE TABLE t ()")
        #expect(found.failed == [], "\(found)")
        #expect(
            found.filter { $0.verdict == .warn }.map(\.name) == [
                "schema-migrations", "versions", "out-of-band-migrations",
            ])
    }
}
