import MigrationKit
import Subprocess
import TestClusters
import Testing

/// The stand-in of the migrator changes real databases as the real one does.
@Suite(.inTurn) struct MigratorStandInTests {
    private static let run = "docker-compose run --rm -T --no-deps --name mi-migrate-migrator migrator"

    private func with(
        _ version: String, on release: String, _ body: @Sendable (ComposeHost) async throws -> Void
    ) async throws {
        try await ComposeHost.with(version: version, databasesOf: release) { host in
            try await host.startProxy()
            try await body(host)
        }
    }

    @Test func theMigratorAppliesEachVersionOnce() async throws {
        try await with("5.1.8", on: "4.4.2") { host in
            let upgrade = try await host.shell("\(Self.run) upgrade --from=v4.4.2 --to=5.1.8")
            #expect(upgrade.exit == 0, "\(upgrade)")
            #expect(upgrade.output.contains("Migrating to v5.0 (step 2 of 3)"))
            for database in Database.allCases {
                #expect(try await host.applied(database) == ["4.5": 1, "5.0": 1, "5.1": 1])
            }
            #expect(try await host.instanceVersion() == "5.1.0")  // the patch is lost
            #expect(try await host.shell("\(Self.run) up").exit == 0)
            #expect(try await host.shell("\(Self.run) validate").exit == 0)
            #expect(try await host.shell("\(Self.run) drift --schema=frontend --version=5.1.0").exit == 0)
            #expect(try await host.applied() == ["4.5": 1, "5.0": 1, "5.1": 1])
            let logged = try await host.databases.sql(
                "SELECT count(*) FROM migration_logs WHERE success", in: .codeintel)
            #expect(logged == "3")
            #expect(try host.containers().keys.sorted() == ["cloud-sql-proxy"])
        }
    }

    @Test func aKilledMigratorLeavesADirtyDatabase() async throws {
        try await with("5.3.12303", on: "5.1.8") { host in
            try await host.fault(.diesAt, "5.3", times: 1)
            #expect(try await host.shell("\(Self.run) upgrade --from=5.1 --to=5.3").exit == 137)
            #expect(try await host.instanceVersion() == "5.1.8")
            let up = try await host.shell("\(Self.run) up --skip-upgrade-validation")
            #expect(up.exit == 1)
            #expect(
                up.errors.contains(
                    #""Body":"dirty database: schema \"frontend\" marked the following migrations as failed: 1705003000"#
                ),
                "\(up.errors)")
            let again = try await host.shell("\(Self.run) upgrade --from=5.1 --to=5.3")
            #expect(again.exit == 1)
            #expect(again.errors.contains(#""Body":"database drift detected""#))
            let skipping = try await host.shell("\(Self.run) upgrade --from=5.1 --to=5.3 --skip-drift-check")
            #expect(skipping.exit == 0, "\(skipping.errors)")
            #expect(try await host.applied() == ["5.2": 1, "5.3": 1])
            #expect(try await host.instanceVersion() == "5.3.0")  // whatever the patch
        }
    }

    @Test func aStepThatPostgreSQLRefusesIsMarkedAsFailed() async throws {
        try await with("5.2.7", on: "5.1.8") { host in
            try await host.fault(.failsAt, "5.2", times: 1)
            let failed = try await host.shell("\(Self.run) up")
            #expect(failed.exit == 1)
            #expect(failed.errors.contains("failed to apply migration 1705002000"))
            #expect(try await host.shell("\(Self.run) up").errors.contains("dirty database"))
            #expect(try await host.shell("\(Self.run) up --ignore-single-dirty-log").exit == 0)
            #expect(try await host.applied() == ["5.2": 1])
        }
    }

    @Test func twoMigratorsDoNotWorkAtOnce() async throws {
        try await with("5.2.7", on: "5.1.8") { host in
            try await host.hold("5.2")
            async let first = host.shell("\(Self.run) upgrade --from=5.1 --to=5.2")
            try await host.reached("5.2")
            let second = try await host.shell(
                "docker-compose run --rm -T --no-deps --name other migrator upgrade --from=5.1 --to=5.2")
            #expect(second.exit == 1)
            #expect(second.errors.contains("migration contention"), "\(second.errors)")
            try await host.letGo("5.2")
            #expect(try await first.exit == 0)
            #expect(try await host.applied() == ["5.2": 1])
        }
    }

    @Test func unknownFlagsAreRefused() async throws {
        let refusals = [
            ("5.0.6", "upgrade --from=4.5 --to=5.0 --ignore-migrator-update", "-ignore-migrator-update"),
            ("5.1.8", "upgrade --from=5.0 --to=5.1 --verbose", "-verbose"),
            ("4.1.3", "upgrade --from=4.0 --to=4.1 --disable-animation=true", "-disable-animation"),
            ("5.1.8", "up -from 5.0", "-from"), ("5.1.8", "--from=5.0", "-from"),
        ]
        try await ComposeHost.with { host in
            for (version, arguments, flag) in refusals {
                try await host.deploy(version)
                let finished = try await host.shell("\(Self.run) \(arguments)")
                #expect(finished.exit == 1)
                #expect(
                    finished.errors.contains(#""Body":"flag provided but not defined: \#(flag)"#), "\(finished.errors)")
            }
        }
    }

    @Test func theMigratorNeedsTheProxy() async throws {
        try await ComposeHost.with { host in
            let run = try await host.shell("\(Self.run) up")
            #expect(run.exit == 1)
            #expect(run.errors.contains("no such host"), "\(run.errors)")
            try await host.fault(.proxyFails)
            _ = try await host.shell("docker-compose up -d cloud-sql-proxy")
            try await host.wait(until: "[ \"$(cat containers/cloud-sql-proxy/restarts)\" -ge 1 ]")
            #expect(try await host.shell("\(Self.run) up").exit == 1)
            try await host.heal(.proxyFails)
            try await host.wait(until: "[ -e containers/cloud-sql-proxy/ready ]")
            let logs = try await host.shell("docker-compose logs --no-color --tail=1 cloud-sql-proxy")
            #expect(logs.output.contains("The proxy has started successfully and is ready for new connections!"))
            #expect(try await host.shell("\(Self.run) up").exit == 0)
        }
    }

    private static let faults: [(ComposeHost.Fault, String, String, String)] = [
        (.dirty, "", "up", #"dirty database: schema \"frontend\" marked the following migrations as failed: "#),
        (.drift, "", "upgrade --from=5.0 --to=5.1", "database drift detected"),
        (.unfinished, "", "up", #"Unfinished migrations. Please revert Sourcegraph to the previous version"#),
        (.unfinished, "", "up", #"- migration 12 expected to be at 100% (at 63.27%)"#),
        (.unknownTag, "", "upgrade --from=5.0 --to=5.1", #"unknown tag \"v5.0.0\""#),
        (
            .versionAssertion, "4.5", "upgrade --from=5.0 --to=5.1",
            #"version assertion failed: \"4.5\" != \"5.0\". Re-invoke with --skip-version-check"#
        ),
        (.oldPostgres, "16", "up", "Sourcegraph requires PostgreSQL 16+"),
        (.noConnection, "", "up", "failed to connect to database"),
        (.newerMigrator, "5.2.1", "upgrade --from=5.0 --to=5.1", "A newer migrator version is available (5.2.1)"),
    ]

    @Test func faultsAreToldInTheMigratorsWordsAsOftenAsWanted() async throws {
        try await with("5.1.8", on: "5.0.6") { host in
            for (fault, value, arguments, message) in Self.faults {
                try await host.fault(fault, value, times: 1)
                let failed = try await host.shell("\(Self.run) \(arguments)")
                #expect(failed.exit == 1, "\(fault.name)")
                #expect(failed.errors.contains(message), "\(fault.name): \(failed)")
            }
            #expect(try await host.applied() == [:])
            #expect(try await host.shell("\(Self.run) upgrade --from=5.0 --to=5.1").exit == 0)
            #expect(try await host.applied() == ["5.1": 1])
        }
    }

    @Test func whatIsNoStepIsRefused() async throws {
        try await with("5.2.7", on: "5.0.6") { host in
            let refusals = [
                ("up", #"upgrading \"frontend\" from \"5.0.6\" to \"5.2.7\" is not allowed, please refer to"#),
                ("upgrade --from=5.1 --to=5.2", #"version assertion failed: \"5.0\" != \"5.1\""#),
                ("upgrade --from=5.2 --to=5.0", "invalid range (from=5.2 >= to=5.0)"),
                ("upgrade --from=5.0 --to=5.3", #"unknown tag \"v5.3.0\""#),
                ("upgrade --from=insiders --to=5.2", "bad format for -from = insiders"),
                ("upgrade --to=5.2", #"Required flag \"from\" not set"#),
                ("validate", "schema out of date"),
            ]
            for (arguments, message) in refusals {
                let refused = try await host.shell("\(Self.run) \(arguments)")
                #expect(refused.exit == 1)
                #expect(refused.errors.contains(message), "\(arguments): \(refused.errors)")
            }
            #expect(try await host.applied() == [:])
        }
    }

    @Test func servicesWaitForTheirSchemaAndTellTheirRelease() async throws {
        try await ComposeHost.with(version: "5.2.3", databasesOf: "5.0.6") { host in
            try await host.fault(.unhealthy("worker"))
            _ = try await host.shell("docker-compose up -d")
            try await host.wait(until: "[ \"$(cat containers/sourcegraph-frontend-0/restarts)\" -ge 1 ]")
            let log = try await host.shell("docker logs sourcegraph-frontend-0")
            #expect(log.errors.contains("schema out of date"))
            #expect(try await host.shell("docker-compose down").exit == 0)
            try await host.startProxy()
            let upgrade = try await host.shell("\(Self.run) upgrade --from=5.0 --to=5.2")
            #expect(upgrade.exit == 0, "\(upgrade.errors)")
            #expect(try await host.shell("docker-compose up -d").exit == 0)
            try await host.wait(until: "grep -qx healthy containers/sourcegraph-frontend-0/health")
            #expect(try await host.instanceVersion() == "5.2.3")
            try await host.wait(until: "grep -qx unhealthy containers/worker/health")
            let check = ["mi", "check", "--executors"]
            let unhealthy = try await host.workplace.run("/usr/bin/env", check, environment: host.operatorEnvironment)
            #expect(unhealthy.exit == 1)
            #expect(unhealthy.errors.contains("worker"))
            let initialised = try await host.workplace.run(
                "/usr/bin/env", ["mi", "init-instance", "admin@example.com"], environment: host.operatorEnvironment)
            #expect(initialised.output.contains("password reset link for admin@example.com"), "\(initialised)")
        }
    }
}
