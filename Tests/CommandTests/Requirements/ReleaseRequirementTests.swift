import MigrationKit
import TestClusters
import Testing

/// The instance's release, and the migrations that run beside it.
@Suite(.inTurn) struct ReleaseRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    @Test(arguments: [
        ("3.20.0", Finding.Verdict.pass, "Sourcegraph 3.20.0."), ("3.19.2", .fail, "3.20.0 or later is required"),
        ("7.2.1943", .pass, "7.2.1943"),
        (
            "insiders", .warn,
            "which is not a release"
        ), ("0.0.0+dev", .warn, "0.0.0+dev"),
        ("1\u{1b}[2J", .warn, #"1\u{1b}[2J"#),
    ])
    func releaseIsJudged(version: String, verdict: Finding.Verdict, reason: String) async throws {
        let found = try await place.check(
            BookkeepingSQL.all + "UPDATE versions SET version = '\(version)' WHERE service = 'frontend'")
        #expect(found["versions"].map(\.verdict) == [verdict], "\(found)")
        #expect(found["versions"].reason.contains(reason), "\(found)")
    }

    /// A copy has the site id of the instance, and the release that it was copied from.
    @Test(
        arguments: [
            (SourcegraphVersion(5, 1, 8), .pass), (SourcegraphVersion(5, 1, 9), .warn),
            (SourcegraphVersion(5, 2, 0), .fail), (SourcegraphVersion(5, 0, 6), .fail), (nil, .pass),
        ] as [(SourcegraphVersion?, Finding.Verdict)])
    func copyThatTheInstanceDoesNotWorkWithIsNoticed(
        instance: SourcegraphVersion?, verdict: Finding.Verdict
    ) async throws {
        let found = try await place.with(BookkeepingSQL.all) { name in
            try await DatabaseRequirements(place.dumper(name), instance: instance).check()
        }
        #expect(found["versions"].map(\.verdict) == [verdict], "\(found)")
        if let instance, verdict != .pass {
            let told = "The database was last used by Sourcegraph 5.1.8, but the instance is \(instance): "
            #expect(found["versions"].reason.hasPrefix(told), "\(found)")
            #expect(found["versions"].remedy.contains("PGHOST"))
        }
    }

    @Test func tableWithoutTheInstancesRowIsAWarning() async throws {
        let found = try await place.check(BookkeepingSQL.versions + "DELETE FROM versions WHERE service = 'frontend'")
        #expect(found["versions"].map(\.verdict) == [.warn], "\(found)")
    }

    @Test func answerOfAnotherShapeIsAnError() async throws {
        let found = try await place.check(
            "CREATE TABLE versions (service text, version jsonb); INSERT INTO versions VALUES ('frontend', '[1]')")
        #expect(found["versions"].map(\.verdict) == [.fail])
        #expect(found["versions"].reason.contains("the server answered `{\"service\":\"frontend\""), "\(found)")
    }

    @Test func releaseIsAskedOfThePrimaryAlone() async throws {
        let found = try await place.check(BookkeepingSQL.all, .codeintel)
        #expect(found["versions"].isEmpty && found["out-of-band-migrations"].isEmpty)
    }

    @Test(arguments: [
        (
            "CREATE TABLE global_state (site_id uuid); INSERT INTO global_state VALUES ('\(siteID)')",
            Finding.Verdict.pass
        ),
        ("CREATE TABLE global_state (site_id uuid); INSERT INTO global_state VALUES (gen_random_uuid())", .fail),
        ("CREATE TABLE global_state (site_id uuid)", .fail),
        ("CREATE VIEW global_state AS SELECT '\(siteID)'::uuid AS site_id", .warn), ("", .warn),
    ])
    func databaseOfAnotherInstanceIsNoticed(setup: String, verdict: Finding.Verdict) async throws {
        let found = try await place.with(setup) { name in
            try await DatabaseRequirements(place.dumper(name), siteID: Self.siteID).check()
        }
        #expect(found["site-id"].map(\.verdict) == [verdict], "\(found)")
    }

    private static let siteID = "7f0a3a4e-6d0c-4b53-9f5e-2c3d6a1b8e90"

    // MARK: Out-of-band migrations

    /// Of an instance that began with 3.43 and is 5.1 now.
    @Test func unfinishedMigrationsAreJudgedByTheReleasesTheyConcern() async throws {
        let found = try await place.check(
            BookkeepingSQL.all + """
                INSERT INTO out_of_band_migrations VALUES
                    (1, 'done', 1, false, 3, 44, 4, 5, '{}'),
                    (2, 'never-needed', 0, false, 3, 25, 3, 43, '{}'),
                    (3, 'overdue', 0.6327, false, 3, 44, 5, 1, '{}'),
                    (4, 'running "x"', 0.999, false, 5, 0, 5, 2, '{}'),
                    (5, 'endless', 0, false, 5, 1, NULL, NULL, NULL),
                    (6, 'of-a-later-release', 0, false, 5, 2, 5, 9, NULL),
                    (7, 'backwards', 1, true, 4, 0, 5, 9, NULL);
                INSERT INTO out_of_band_migrations_errors (migration_id, message) VALUES (3, 'a'), (3, 'b'), (1, 'c');
                """)
        let told = found["out-of-band-migrations"]
        try #require(told.map(\.verdict) == [.fail, .warn], "\(found)")
        #expect(told[0].reason.hasSuffix("would stop an upgrade: 3 overdue at 63 %, with 2 errors."), "\(told)")
        #expect(told.remedy.contains("run-out-of-band-migrations --id=3."))
        #expect(
            told[1].reason
                == "Migrations are unfinished: 4 running \"x\" at 99 %, 5 endless at 0 %, 7 backwards at 100 %, running in reverse.",
            "\(told)")
    }

    /// Of an instance whose versions are text and which does not know what it began with.
    @Test func migrationsOfOldInstancesAreReadInTheirShape() async throws {
        let found = try await place.check(
            """
            CREATE TABLE versions (service text PRIMARY KEY, version text NOT NULL);
            INSERT INTO versions VALUES ('frontend', '3.28.1');
            """ + BookkeepingSQL.golangMigrate + BookkeepingSQL.outOfBandBefore329 + """
                INSERT INTO out_of_band_migrations VALUES
                    (1, 'done', 1, false, '3.25.0', '3.26.0'),
                    (2, 'overdue', 0, false, '3.25.0', '3.28.0'),
                    (3, 'running', 0.5, false, '3.27', NULL);
                """)
        let told = found["out-of-band-migrations"]
        try #require(told.map(\.verdict) == [.fail, .warn], "\(found)")
        #expect(told[0].reason.hasSuffix(": 2 overdue at 0 %."), "\(told)")
        #expect(told[1].reason.hasSuffix(": 3 running at 50 %."), "\(told)")
    }

    @Test func instancesBeforeTheFirstSuchMigrationHaveNone() async throws {
        let found = try await place.check(
            """
            CREATE TABLE versions (service text PRIMARY KEY, version text NOT NULL);
            INSERT INTO versions VALUES ('frontend', '3.24.1');
            """ + BookkeepingSQL.golangMigrate)
        #expect(found.allSatisfy { $0.verdict == .pass }, "\(found)")
    }
}
