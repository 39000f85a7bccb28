import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// What an operator is told when something fails on the machine: what it was, and what to type.
@Suite(.inTurnFirst) struct UpgradeFailureTests {
    /// Runs the command of an error's advice that begins with some words.
    private func runAdvised(
        _ words: String, _ finished: Workplace.Finished, _ place: RunPlace, environment: [String: String] = [:]
    ) async throws -> Workplace.Finished {
        let pieces = finished.errors.split(separator: "`").map(String.init)
        let command = try #require(pieces.first { $0.hasPrefix("mi-migrate \(words)") }, "\(finished.errors)")
        return try await place.migrate(
            command.split(separator: " ").dropFirst().map(String.init), environment: environment)
    }

    @Test func driftIsToldWithACommandThatShowsIt() async throws {
        try await RunPlace.with { place in
            try await place.host.fault(.drift)
            let failed = try await place.run()
            #expect(failed.exit == 6)
            #expect(failed.errors.contains(#"❌ Unexpected table "surprise""#), "\(failed.errors)")
            #expect(failed.errors.contains("💡 Suggested action: drop the table."))
            let advised = "drift --release=5.1.8 --config=migration.yaml"
            let shown = try await runAdvised(advised, failed, place)
            #expect(shown.exit == 3 && shown.output.contains(#"❌ Unexpected table "surprise""#), "\(shown)")
            try await place.host.heal(.drift)
            let clean = try await runAdvised(advised, failed, place)
            #expect(clean.exit == 0 && clean.output.contains("The schema is that of Sourcegraph 5.1.8."), "\(clean)")
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
            // As it was told which instance it is, so it advises.
            let settings = try place.workplace.folder.text("migration.yaml").replacing(
                /(machine|deployment): .*\n?/, with: "")
            try place.workplace.folder.write("migration.yaml", settings)
            let options = ["--machine=local", "--deployment=\(place.host.deployment)"]
            let failed = try await place.run(["--until=upgrade"] + options, environment: place.host.environment)
            #expect(
                failed.exit == 6 && failed.errors.contains("migration 12 expected to be at 100%"), "\(failed.errors)")
            let advised = "out-of-band --id=12 --config=migration.yaml \(options[0]) \(options[1])"
            let run = try await runAdvised(advised, failed, place, environment: place.host.environment)
            #expect(run.exit == 0 && run.errors.contains("finished out-of-band migrations 12"), "\(run.errors)")
            try place.writeSettings("local")
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
            // What is told is what was run, without its progress.
            try place.writeSettings("local", withBucket: false)
            try await place.host.fault(.pullFails)
            let failed = try await place.migrate("start")
            #expect(failed.errors.contains("`docker compose up -d` failed with exit status 1"), "\(failed.errors)")
            #expect(failed.errors.contains("check `docker compose pull` there"))
            #expect(!failed.errors.contains("docker-compose") && !failed.errors.contains("Creating cloud-sql-proxy"))
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
