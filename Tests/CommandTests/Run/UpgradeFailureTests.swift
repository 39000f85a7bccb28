import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// What an operator is told when something fails on the machine: what it was, and what to type.
@Suite(.inTurnFirst) struct UpgradeFailureTests {
    /// The command of an error's advice that begins with some words, without its quotes.
    private static func advised(_ words: String, in finished: Workplace.Finished) throws -> String {
        let pieces = finished.errors.split(separator: "`").map(String.init)
        return try #require(
            pieces.first { $0.hasPrefix("sh /") && $0.contains("/script \(words)") }, "\(finished.errors)")
    }

    @Test func driftIsToldWithACommandThatShowsIt() async throws {
        try await RunPlace.with { place in
            try await place.host.fault(.drift)
            let failed = try await place.run()
            #expect(failed.exit == 6)
            #expect(failed.errors.contains(#"❌ Unexpected table "surprise""#), "\(failed.errors)")
            #expect(failed.errors.contains("💡 Suggested action: drop the table."))
            let command = try Self.advised("drift --db=frontend --version=5.1.8", in: failed)
            let shown = try await place.host.shell(command)
            #expect(shown.exit == 1 && shown.output.contains(#"❌ Unexpected table "surprise""#), "\(shown)")
            try await place.host.heal(.drift)
            let clean = try await place.host.shell(command)
            #expect(clean.exit == 0 && clean.output.contains("✅ No drift detected"), "\(clean)")
            #expect(try await place.run("--skip-drift-check=none is left").exit == 0)
        }
    }

    @Test func unfinishedMigrationsAreFinishedByTheAdvisedCommand() async throws {
        try await RunPlace.with(machine: "local", target: "5.2.7") { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            // Another way than the dump told of.
            _ = try await place.workplace.target.sql(
                "UPDATE out_of_band_migrations SET deprecated_version_major = 5, deprecated_version_minor = 2 WHERE id = 12",
                in: "pgsql")
            let failed = try await place.run("--until=upgrade")
            #expect(
                failed.exit == 6 && failed.errors.contains("migration 12 expected to be at 100%"), "\(failed.errors)")
            let command = try Self.advised("run-out-of-band-migrations --id=12", in: failed)
            let run = try await place.host.shell(command)
            #expect(run.exit == 0, "\(run.errors)")
            let upgraded = try await place.run("--until=upgrade")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
        }
    }

    @Test(arguments: ComposeHost.Compose.allCases)
    func registryThatCannotBeReachedIsNoPasswordProblem(compose: ComposeHost.Compose) async throws {
        try await RunPlace.with(machine: "local", compose: [compose]) { place in
            #expect(try await place.run("--until=restore-point").exit == 0)
            try await place.host.fault(.registryDown)
            let failed = try await place.run("--until=upgrade", "--attempts=2")
            #expect(failed.exit == 6)
            #expect(failed.errors.contains("lookup registry-1.docker.io"), "\(failed.errors)")
            #expect(failed.errors.contains("cannot get the image from the registry"))
            #expect(failed.errors.contains("docker pull index.docker.io/sourcegraph/migrator:5.3.12303"))
            #expect(failed.errors.contains("Gave up after 2 attempts."))
            #expect(!failed.errors.contains("password"))
            // Nothing of it was begun: the schema is compared when it is.
            try await place.host.heal(.registryDown)
            #expect(try await place.run("--until=upgrade").exit == 0)
            #expect(try place.host.invocations().allSatisfy { !$0.contains("--skip-drift-check") })
        }
    }

    @Test func killedMigratorIsToldAsKilled() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.host.fault(.diesAt, "5.2")
            let failed = try await place.run("--until=upgrade", "--attempts=1")
            #expect(failed.exit == 6)
            #expect(
                failed.errors.contains(
                    "it was killed (SIGKILL, exit status 137), as when a machine runs out of memory"),
                "\(failed.errors)")
            #expect(!failed.errors.contains("failed: 137"))
            try await place.host.heal(.diesAt)
            #expect(try await place.run("--until=upgrade").exit == 0)
        }
    }

    @Test func proxyThatDiesIsSeenWithItsLog() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.host.fault(.proxyFails)
            let failed = try await place.run("--until=upgrade")
            #expect(failed.exit == 6)
            #expect(failed.errors.contains("cloud-sql-proxy does not stay up"), "\(failed.errors)")
            #expect(failed.errors.contains("The client is not authorized to make this request., notAuthorized"))
            try await place.host.heal(.proxyFails)
            #expect(try await place.run("--until=upgrade").exit == 0)
        }
    }

    @Test func composeThatDoesNotWorkIsNotUsed() async throws {
        try await RunPlace.with(machine: "local", compose: [.v2]) { place in
            let shim = place.host.folder.appending("bin/docker-compose")
            let made = try await place.host.shell(
                "printf '#!/bin/sh\\necho the shim is broken >&2\\nexit 1\\n' >'\(shim)'; chmod 755 '\(shim)'")
            #expect(made.exit == 0)
            #expect(try await place.run("--until=freeze").exit == 0)
            #expect(try place.host.invocations().contains { $0.hasPrefix("docker compose down") })
        }
    }

    @Test func neitherFormOfComposeIsToldWithWhatEachSaid() async throws {
        try await RunPlace.with(machine: "local", compose: []) { place in
            let refused = try await place.run("--until=freeze")
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("Neither `docker-compose` nor `docker compose` works"), "\(refused.errors)")
            #expect(refused.errors.contains("docker-compose version: exit status 127: "))
            #expect(refused.errors.contains("docker compose version: exit status 1: "))
        }
    }
}
