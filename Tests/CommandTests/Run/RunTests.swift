import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `mi-migrate run`: from a bucket to an instance that may be handed over, by way of a real sshd.
@Suite(.inTurnFirst) struct RunTests {
    @Test(arguments: ComposeHost.Compose.allCases)
    func wholeWayEndsWithATestedInstance(compose: ComposeHost.Compose) async throws {
        try await RunPlace.with(target: RunPlace.lastForOldServers, compose: [compose], preparing: true) { place in
            let finished = try await place.run()
            try await place.checkIsDone(finished)
            // All scripts went over one connection.
            #expect(try place.host.sshServer.connections() == 1)
            #expect(finished.errors.split(separator: "\n").count { $0.hasPrefix("validate ") } == 1)
            for step in ["freeze", "reset", "load", "prove", "restore-point", "upgrade", "start", "test", "notice"] {
                #expect(finished.errors.split(separator: "\n").count { $0.hasPrefix("\(step) ") } == 1, "\(step)")
                #expect(finished.output.contains("\n\(step) ") || finished.output.hasPrefix("\(step) "), "\(step)")
            }
            #expect(try await place.host.instanceVersion() == place.target)
            let (invocations, journal) = (try place.host.invocations(), try await place.journal().entries.count)
            let again = try await place.run()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(again.errors.contains(/validate +[^ ]+ m?s +the databases are imported already/))
            #expect(
                try place.host.invocations().count { $0.contains("compose run") || $0.contains("compose down") }
                    == invocations.count { $0.contains("compose run") || $0.contains("compose down") })
            #expect(try await place.journal().entries.count == journal + 2)
        }
    }

    @Test func connectionThatIsCutInAMigrationIsTakenUp() async throws {
        try await RunPlace.with { place in
            try await place.host.hold("5.2")
            let finished = try await place.run { _ in
                try await place.host.reached("5.2")
                try await place.host.sshServer.cut()
                try await place.host.sshServer.refuse()
                try await place.host.letGo("5.2")
                // The migrator goes on with nobody connected.
                try await place.host.wait(until: "grep -q 'compose run.*upgrade' invocations")
                try await place.host.sshServer.start()
            }
            try await place.checkIsDone(finished)
            #expect(try place.migrations("upgrade") == 1)
            #expect(try place.host.sshServer.connections() > 1)
        }
    }

    @Test func runThatIsKilledInAMigrationIsTakenUp() async throws {
        try await RunPlace.with { place in
            try await place.host.hold("5.3")
            let killed = try await place.run { process in
                try await place.host.reached("5.3")
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            try await place.host.letGo("5.3")
            try await place.checkIsDone(try await place.run())
            #expect(try place.migrations("upgrade") == 1)
        }
    }

    @Test func interruptedRunSaysHowItGoesOn() async throws {
        try await RunPlace.with { place in
            try await place.host.hold("5.2")
            let stopped = try await place.run { process in
                try await place.host.reached("5.2")
                try process.send(.interrupt)
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("Run the same command to resume."))
            try await place.host.letGo("5.2")
            try await place.checkIsDone(try await place.run())
            #expect(try place.migrations("upgrade") == 1)
        }
    }

    @Test func migratorThatDiesOnItsWayIsRunAgain() async throws {
        try await RunPlace.with { place in
            try await place.host.fault(.diesAt, "5.3", times: 1)
            let finished = try await place.run()
            try await place.checkIsDone(finished)
            #expect(finished.errors.contains("Trying again, 2 of 3."))
            let upgrades = try place.host.invocations().filter { $0.contains(" migrator upgrade") }
            #expect(upgrades.map { $0.contains("--skip-drift-check") } == [false, true])
        }
    }

    @Test func failedUpgradeIsToldAndResumedOnceItIsFixed() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.host.fault(.drift)
            let failed = try await place.run()
            #expect(failed.exit == 6, "\(failed.errors)")
            #expect(failed.errors.contains("drift"))
            #expect(failed.errors.contains("--skip-drift-check"))
            #expect(failed.output.contains("failed"))
            #expect(try place.migrations("upgrade") == 1)
            try await place.host.heal(.drift)
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func restoreGoesBackToWhatWasImported() async throws {
        try await RunPlace.with(machine: "local") { place in
            let target = place.workplace.target
            let imported = try await place.run("--until=restore-point")
            #expect(imported.exit == 0, "\(imported.errors)")
            let before = try await target.sql("SELECT * FROM versions", in: "pgsql")
            let upgraded = try await place.run("--until=start")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            let restored = try await place.migrate(
                "restore", "--config=migration.yaml", "--yes", "--terminate-connections")
            #expect(restored.exit == 0, "\(restored.errors)")
            #expect(try await target.sql("SELECT * FROM versions", in: "pgsql") == before)
            #expect(try await place.host.applied() == [:])
            #expect(try place.host.containers().isEmpty)
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func migratorThatComposeStartsForEverIsStopped() async throws {
        try await RunPlace.with { place in
            let upgraded = try await place.run("--until=upgrade")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            try await place.host.fault(.dirty)
            let failed = try await place.run()
            #expect(failed.exit == 6, "\(failed.errors)")
            #expect(failed.errors.contains("dirty database"))
            #expect(try place.host.invocations().contains { $0.hasSuffix(" stop migrator") })
            try await place.host.heal(.dirty)
            try await place.checkIsDone(try await place.run())
        }
    }
}
