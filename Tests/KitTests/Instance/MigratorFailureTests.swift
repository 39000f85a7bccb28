import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What the migrator writes, what it is, and what of it is told.
private struct Told: Sendable, CustomTestStringConvertible {
    let kind: MigratorFailure.Kind
    let text: String
    let sentence: String
    let next: String

    init(_ kind: MigratorFailure.Kind, _ text: String, says sentence: String? = nil, next: String) {
        self.kind = kind
        self.text = text
        self.sentence = sentence ?? text
        self.next = next
    }

    var testDescription: String { "\(kind.rawValue): \(sentence.prefix(40))" }
}

@Suite struct MigratorFailureTests {
    private static let told = [
        Told(
            .dirtyDatabase,
            """
            1 error occurred:
            \t* failed to run migration for schema "frontend": dirty database: schema "frontend" marked the following \
            migrations as failed: 1644515056

            The target schema is marked as dirty and no other migration operation is seen running on this schema.
            """,
            says: "failed to run migration for schema \"frontend\": dirty database: schema \"frontend\" marked the "
                + "following migrations as failed: 1644515056", next: "`mi-migrate restore`"),
        Told(.drift, "database drift detected", next: "`mi-migrate upgrade --skip-drift-check='reason'`"),
        Told(.drift, "database schema is out of sync", next: "`mi-migrate drift --release=4.0.0` shows"),
        Told(
            .versionAssertion,
            #"version assertion failed: "4.5" != "5.0". Re-invoke with --skip-version-check to ignore this check"#,
            next: "The databases say that they are of 4.5, but the upgrade is from 5.0"),
        Told(
            .versionAssertion, #"version assertion failed: unknown version != "4.5". Re-invoke with x"#,
            next: "does not say which release it is"),
        Told(
            .versionAssertion, #"cannot parse version: "7.2.0-rc.1" - expected [v]X.Y[.Z]"#,
            next: "does not say which release it is"),
        Told(.invalidRange, "invalid range (from=5.1 >= to=4.5)", next: "newer than the source"),
        Told(.invalidRange, "bad format for -from = insiders", next: "must be a release"),
        Told(.unknownTag, #"unknown tag "v5.1.0""#, next: "mi-migrate upgrade --migrator=VERSION"),
        Told(.unknownTag, "failed to locate target schema description", next: "--migrator=VERSION"),
        Told(
            .notAllowed, #"upgrading "frontend" from "4.1.0" to "5.0.0" is not allowed, please refer to https://x.y"#,
            next: "`mi-migrate restore`, then run `mi-migrate upgrade` again"),
        Told(
            .unfinishedOutOfBandMigrations,
            """
            Unfinished migrations. Please revert Sourcegraph to the previous version and wait for the following \
            migrations to complete.

              - migration 12 expected to be at 100% (at 63.27%)

              - migration 16 expected to be at 100% (at 41.84%)
            """,
            says: "Unfinished migrations. Please revert Sourcegraph to the previous version and wait for the following "
                + "migrations to complete.", next: "`mi-migrate out-of-band --id=12 --id=16`, then run"),
        Told(.postgresTooOld, "Sourcegraph requires PostgreSQL 16+", next: "PostgreSQL 16 or newer"),
        Told(
            .newerMigratorAvailable,
            "\u{26a0}\u{fe0f} \u{1b}[33mA newer migrator version is available (5.2.3), please consider using it instead or "
                + "pass -ignore-migrator-update.\u{1b}[0m",
            says: "A newer migrator version is available (5.2.3), please consider using it instead or "
                + "pass -ignore-migrator-update.", next: "--migrator=5.2.3"),
        Told(
            .outOfDate, #"schema out of date: schema "frontend" requires the following migrations to be applied: 16"#,
            next: "Not all migrations of 5.0.6 are done."),
        Told(
            .privileged, #"refusing to apply a privileged migration: schema "frontend" requires database migration 16"#,
            next: "cloudsqlsuperuser"),
        Told(
            .privileged, "ERROR: must be owner of extension citext (SQLSTATE 42501)",
            says: "must be owner of extension citext (SQLSTATE 42501)", next: "own the databases"),
        Told(
            .cannotConnect,
            "DB not available: failed to connect to `host=pgsql user=sg database=sg`: dial error (dial tcp: connection "
                + "refused)",
            next: "can reach the databases"),
        Told(
            .cannotConnect, #"FATAL: password authentication failed for user "sg" (SQLSTATE 28P01)"#,
            next: "role and password"),
        Told(
            .contention,
            """
            failed to run migration for schema "frontend": migration contention: concurrent migrator instances appear to be \
            running on this schema

            We have detected other migrations operations occurring on this schema and opted to abort this operation.
            """,
            says:
                "failed to run migration for schema \"frontend\": migration contention: concurrent migrator instances appear "
                + "to be running on this schema", next: "`mi-migrate freeze` stops the instance's."),
        Told(
            .registryUnreachable,
            #"Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup x: no such host"#,
            next: "`docker pull index.docker.io/sourcegraph/migrator:5.0.6`"),
        Told(
            .imageRefused, "manifest for sourcegraph/migrator:5.0.6 not found: manifest unknown: manifest unknown",
            next: "does not have that image"),
        Told(
            .noDocker,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            next: "systemctl start docker"),
        Told(.other, "unexpected end of the world", next: "Run `mi-migrate upgrade` again."),
    ]

    private static let command = MigratorCommand(
        version: SourcegraphVersion(5, 0, 6), arguments: ["upgrade", "--from=4.0.0", "--to=5.0.6"])

    /// The log line as the migrator writes it.
    private static func fatal(_ body: String) throws -> String {
        let text = try JSONText.encode(body, pretty: false)
        return #"{"SeverityText":"FATAL","Timestamp":1683691007909804019,"InstrumentationScope":"migrator","#
            + #""Body":"#
            + text + #","Resource":{"service.name":"migrator","service.version":"4.5.1"},"Attributes":{}}"#
    }

    private static let noise = [
        "❗️ An error was returned when detecting the terminal size and capabilities:", "",
        "   GetWinsize: inappropriate ioctl for device",
        "⚠️ A newer migrator version is available (9.9.9), please consider using it instead. Continuing...",
        "Attempting connection to postgres://sg:hunter2@pgsql:5432/sg?sslmode=disable...",
        #"{"SeverityText":"INFO","Body":"unknown tag \"v1\"","Attributes":{"failedVersions":[]}}"#,
        #"{"SeverityText":"WARN","Body":"failed to connect to database","Attributes":{}}"#,
    ]

    @Test(arguments: told) private func logLineIsTold(_ told: Told) throws {
        let failure = MigratorFailure(Self.noise + [try Self.fatal(told.text)], of: Self.command)
        expect(failure, told)
    }

    @Test(arguments: told) private func plainTextIsTold(_ told: Told) {
        let failure = MigratorFailure(
            [#"{"SeverityText":"INFO","Body":"dirty database: x"}"#, told.text], of: Self.command)
        expect(failure, told)
    }

    private func expect(_ failure: MigratorFailure, _ told: Told) {
        #expect(failure.kind == told.kind)
        #expect(failure.sentence == told.sentence)
        #expect(failure.next.contains(told.next), "\(failure.next)")
        #expect(failure.mayClear == [.cannotConnect, .registryUnreachable, .contention, .other].contains(told.kind))
        #expect(failure.error.code == .upgradeFailed)
        let end = told.sentence.hasSuffix(".") || told.sentence.hasSuffix("?") ? "" : "."
        #expect(failure.error.message == "`upgrade` by sourcegraph/migrator:5.0.6 failed: \(told.sentence)\(end)")
        #expect(failure.error.next == failure.next)
        #expect(!failure.error.description.contains("hunter2"))
    }

    @Test func everyKindIsTold() {
        // That one is told by its status, and not by words.
        #expect(Set(Self.told.map(\.kind) + [.killed]) == Set(MigratorFailure.Kind.allCases))
    }

    @Test func reasonBehindABodyIsTold() {
        let line =
            #"{"SeverityText":"FATAL","Body":"failed to start","Attributes":{"error":"x: database drift detected"}}"#
        let failure = MigratorFailure([line], of: Self.command)
        #expect(failure.kind == .drift)
        #expect(failure.sentence == "failed to start: x: database drift detected")
    }

    @Test func failedMigrationIsToldWithTheDatabasesError() throws {
        let body = """
            failed to run migration for schema "frontend": failed to apply migration 1670600028:
            ```
            INSERT INTO x VALUES ('dirty database: unknown tag "v1"');
            ```
            : ERROR: duplicate key value violates unique constraint "x_pkey" (SQLSTATE 23505)
            DETAIL: Key (name)=(dirty database: ) already exists.
            """
        let failure = MigratorFailure([try Self.fatal(body)], of: Self.command)
        #expect(failure.kind == .other)
        #expect(
            failure.sentence
                == "failed to run migration for schema \"frontend\": failed to apply migration 1670600028: "
                + "duplicate key value violates unique constraint \"x_pkey\" (SQLSTATE 23505)")
    }
}
