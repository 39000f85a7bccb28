import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `mi-migrate freeze`, `start`, `initialize`, `check`: steps by themselves.
@Suite struct OperationCommandTests {
    @Test func machineAloneIsEnoughToFreezeAnInstance() async throws {
        try await RunPlace.with { place in
            try place.writeSettings(ScratchSSHServer.host, withBucket: false)
            let frozen = try await place.migrate("freeze")
            #expect(frozen.exit == 0, "\(frozen.errors)")
            #expect(frozen.errors.contains("all containers stopped"))
            #expect(try place.host.invocations().contains { $0.contains("compose down") })
            #expect(!place.workplace.folder.exists("bucket/mi-migrate"))
        }
    }

    @Test func instanceOfDatabasesThatAreNotUpgradedIsNotStarted() async throws {
        try await RunPlace.with { place in
            let imported = try await place.run("--until=analyze")
            #expect(imported.exit == 0, "\(imported.errors)")
            let status = try await place.migrate("status")
            for step in ["proxy", "upgrade", "notice"] {
                #expect(status.output.contains("\n\(step) "), "\(status.output)")
            }
            // Nothing runs yet, and what is found now does not count later.
            let unhealthy = try await place.migrate("check", "--wait=0s")
            #expect(unhealthy.exit == 7, "\(unhealthy.errors)")
            #expect(try await place.journal().state.step("check") == nil)
            // So it is with what answers at the instance's address meanwhile.
            let initialized = try await place.migrate("initialize")
            #expect(initialized.exit == 0, "\(initialized.errors)")
            #expect(try await place.journal().state.step("initialize") == nil)
            let refused = try await place.migrate("start")
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("are not upgraded yet"), "\(refused.errors)")
            #expect(try !place.host.invocations().contains { $0.hasSuffix("compose up -d") })
        }
    }

    @Test func instanceThatWasFrozenByHandIsStartedByTheNextRun() async throws {
        try await RunPlace.with { place in
            try await place.checkIsDone(try await place.run())
            let loaded = try await place.journal().state.step(.load("primary.sql"))?.finishedAt
            let frozen = try await place.migrate("freeze")
            #expect(frozen.exit == 0, "\(frozen.errors)")
            #expect(try await place.journal().state.step("start")?.isUndone == true)
            #expect(try await place.journal().state.completedAt != nil)

            let started = try await place.migrate("start", "--json")
            #expect(started.exit == 0, "\(started.output)\(started.errors)")
            #expect(started.output.contains(#""start":"#))
            for step in ["initialize", "check"] {
                let done = try await place.migrate(step)
                #expect(done.exit == 0, "\(done.errors)")
                #expect(try await place.journal().state.isFinished("\(step)"), "\(step)")
            }
            let alike = try await place.migrate("drift")
            #expect(alike.exit == 0, "\(alike.output)\(alike.errors)")
            let other = try await place.migrate("drift", "--release=5.2.7")
            #expect(other.exit != 0, "\(other.output)")
            try await place.host.hold("out-of-band")
            let stopped = try await place.migrate("out-of-band", "--id=12") { process in
                try await place.host.reached("out-of-band")
                try process.send(.interrupt)
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            // What was started goes on, and others wait for its end.
            let finished = try await place.migrate("out-of-band", "--id=14") { _ in
                try await place.host.wait(until: "[ -e containers/mi-migrate-migrator/awaited ]")
                try await place.host.letGo("out-of-band")
            }
            #expect(finished.exit == 0, "\(finished.errors)")
            #expect(finished.errors.contains("finished out-of-band migrations 14"))
            let runs = try place.migratorRuns().filter { $0.contains("out-of-band") }
            #expect(runs.count == 2 && runs[0].hasSuffix("--id=12") && runs[1].hasSuffix("--id=14"), "\(runs)")
            let progress = "SELECT progress FROM out_of_band_migrations WHERE id = 12"
            #expect(try await place.workplace.target.sql(progress, in: "pgsql") == "1")
            // It would be taken for a part of the upgrade.
            #expect(
                try await place.journal().state.steps.allSatisfy { $0.name.detail?.contains("out-of-band") != true })

            try await place.checkIsDone(try await place.run())
            #expect(try await place.journal().state.step(.load("primary.sql"))?.finishedAt == loaded)
            #expect(try place.migrations("upgrade") == 1)
        }
    }
}
