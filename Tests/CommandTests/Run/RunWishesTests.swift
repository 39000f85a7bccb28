import FakeSourcegraph
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// What a run is told: where to stop, what to leave out, what to do again; and what it refuses before anything is changed.
@Suite(.inTurnFirst) struct RunWishesTests {
    @Test func runStopsWhereItIsToldAndGoesOn() async throws {
        try await RunPlace.with(machine: "local") { place in
            let first = try await place.run("--until=prove")
            #expect(first.exit == 0, "\(first.errors)")
            #expect(try place.migrations("") == 0)
            #expect(try await place.journal().state.completedAt == nil)
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func stepIsSkippedForAReason() async throws {
        try await RunPlace.with(machine: "local") { place in
            let finished = try await place.run(
                "--skip=analyze=tonight", "--skip=initialize=by hand, ticket 4711", "--skip=notice=stays")
            #expect(finished.exit == 0, "\(finished.errors)")
            #expect(finished.output.contains("by hand, ticket 4711"))
            #expect(finished.errors.contains("except for the skipped steps: analyze, initialize, notice"))
            #expect(!finished.errors.contains("ANALYZE is done"))
            #expect(!finished.errors.contains("ready to hand over"))
            #expect(try await place.journal().state.step("notice")?.skipped == "stays")
            #expect(place.instance.instance.latestSettings?.contents.contains("migration is underway") == true)
        }
    }

    @Test func stepThatCannotBeLeftOutIsRefused() async throws {
        try await RunPlace.with(machine: "local") { place in
            for skip in ["load=no time", "prove=it will be fine", "upgrade", "upgrade=", "bogus=x"] {
                let refused = try await place.run("--skip=\(skip)")
                #expect(refused.exit == 2, "\(skip): \(refused.errors)")
            }
            #expect(try place.host.invocations().contains { $0.contains("down") } == false)
        }
    }

    @Test func stepsAreDoneAgainOnRequest() async throws {
        try await RunPlace.with(machine: "local") { place in
            #expect(try await place.run().exit == 0)
            let again = try await place.run("--from-step=test")
            #expect(again.exit == 0, "\(again.errors)")
            #expect("\n\(again.errors)".contains("\ntest ") && !again.errors.contains("\nstart "))
            let refused = try await place.run("--from-step=prove")
            #expect(refused.exit == 2, "\(refused.errors)")
            #expect(refused.errors.contains("mi-migrate restore"))
        }
    }

    @Test func releaseThatCannotBeReachedIsRefusedBeforeAnythingIsStopped() async throws {
        try await RunPlace.with(machine: "local") { place in
            var refused = ["5.0.6": "5.0.6 is older than 5.1.8"]
            if try await !Self.hasPostgres16() {
                for release in Self.laterReleases {
                    refused[release] = "Sourcegraph \(release) needs PostgreSQL 16 or newer, but the databases are in"
                }
            }
            for (release, why) in refused {
                try await place.host.deploy(release)
                let run = try await place.run()
                #expect(run.exit == 3 && run.errors.contains(why), "\(release): \(run.errors)")
            }
            #expect(try place.host.invocations().contains { $0.contains("down") } == false)
        }
    }

    private static let laterReleases = ["6.12.5040", "7.2.1943"]

    private static func hasPostgres16() async throws -> Bool {
        let version = try await ScratchPostgres.shared.target.sql("SHOW server_version_num")
        return try #require(Int(version)) >= 160_000
    }

    @Test(.enabled("6.0 and later need PostgreSQL 16") { try await hasPostgres16() }, arguments: laterReleases)
    func laterReleaseIsReached(target: String) async throws {
        try await RunPlace.with(machine: "local", target: target) { place in
            let upgraded = try await place.run("--until=upgrade")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            #expect(try await "\(place.host.instanceVersion())" == target.replacing(/[0-9]+$/, with: "0"))
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func machineThatCannotBeTrustedIsRefusedAtOnce() async throws {
        try await RunPlace.with { place in
            try await place.host.sshServer.changeHostKey()
            let refused = try await place.run()
            #expect(refused.exit == 3, "\(refused.errors)")
            #expect(refused.errors.contains("Host key verification failed"))
        }
    }

    @Test func secondOperatorIsToldWhoIsAtWork() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.host.hold("5.2")
            let finished = try await place.run { _ in
                try await place.host.reached("5.2")
                let second = try await place.run()
                #expect(second.exit == 8, "\(second.errors)")
                try await place.host.letGo("5.2")
            }
            try await place.checkIsDone(finished)
        }
    }

    @Test func upgradeIsPlannedWithoutAChange() async throws {
        try await RunPlace.with(machine: "local", target: RunPlace.lastForOldServers) { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            let plan = try await place.migrate("upgrade", "--config=migration.yaml", "--dry-run")
            #expect(plan.exit == 0, "\(plan.errors)")
            #expect(plan.output.contains("upgrade --from=5.1.8 --to=5.11.6271"))
            #expect(plan.output.contains("`upgrade` stops at 5.2"))
            #expect(try place.migrations("") == 0)
            let upgraded = try await place.migrate("upgrade", "--config=migration.yaml")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            #expect(try await place.host.applied() == place.applied)
        }
    }

    @Test func instanceWithoutCodeInsightsIsUpgradedWithout() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.uploadAgain(without: .codeinsights)
            let upgraded = try await place.run("--until=upgrade")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            #expect(upgraded.errors.contains("Set the same in the instance's configuration"))
            let runs = try place.migratorRuns()
            #expect(runs.count == 3 && runs.allSatisfy { $0.contains("DISABLE_CODE_INSIGHTS=true") }, "\(runs)")
            #expect(runs.count { $0.contains("--db=frontend\\,codeintel") } == 2, "\(runs)")
            for database in [Database.primary, .codeintel] {
                #expect(try await place.host.applied(database) == place.applied)
            }
            #expect(try await place.host.applied(.codeinsights) == [:])
            // As whoever runs the instance is told.
            let file = "vm/deployment/docker-compose.yaml"
            let deployment = try place.workplace.folder.text(file).replacing(
                "    environment:\n", with: "    environment:\n      - 'DISABLE_CODE_INSIGHTS=true'\n")
            try place.workplace.folder.write(file, deployment)
            let finished = try await place.run()
            #expect(finished.exit == 0, "\(finished.errors)")
        }
    }

    @Test func releasesThatDoNotAgreeAreRefused() async throws {
        try await RunPlace.with(machine: "local") { place in
            let refused = try await place.run("--from=5.0.6")
            #expect(refused.exit == 3, "\(refused.errors)")
            #expect(refused.errors.contains("5.0.6 by --from") && refused.errors.contains("5.1.8 by the dump"))
        }
    }
}
