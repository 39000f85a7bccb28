import MigrationKit
import Subprocess
import TestClusters
import Testing

/// An upgrade that ended well while nobody saw it is done: the databases say so, with any patch as 0.
@Suite(.inTurnFirst) struct UnseenEndTests {
    @Test func upgradeWhoseClientWasKilledIsDone() async throws {
        try await RunPlace.with { place in
            #expect(try await place.run("--until=restore-point").exit == 0)
            try await place.host.fault(.clientDies, times: 1)
            let finished = try await place.run()
            try await place.checkIsDone(finished)
            #expect(finished.errors.contains("was killed (SIGKILL, exit status 137)"), "\(finished.errors)")
            #expect(try place.migrations("upgrade") == 2)
            #expect(try place.migrations("validate") == 1)
            #expect(try await place.host.instanceVersion() == place.target)
        }
    }

    @Test func upgradeWhoseJobWasKilledIsDone() async throws {
        try await RunPlace.with { place in
            try await place.host.hold("5.3")
            let finished = try await place.run { _ in
                try await place.host.reached("5.3")
                let killed = try await place.host.shell(
                    "kill -KILL -$(cat ~/.local/state/mi-migrate/upgrade-upgrade-*/process)")
                #expect(killed.exit == 0, "\(killed.errors)")
                try await place.host.letGo("5.3")
            }
            try await place.checkIsDone(finished)
            #expect(finished.errors.contains("was cut off"), "\(finished.errors)")
        }
    }

    @Test func whatSomebodyHasUpgradedNeedsOnlyUp() async throws {
        try await RunPlace.with(machine: "local", target: RunPlace.lastForOldServers) { place in
            #expect(try await place.run("--until=analyze").exit == 0)
            try await place.host.startProxy()
            let byHand = try await place.host.shell(
                "docker-compose run --rm -T --no-deps migrator upgrade --from=5.1.8 --to=\(place.target)")
            #expect(byHand.exit == 0, "\(byHand.errors)")
            #expect(try await place.host.instanceVersion() == "5.11.0")
            let finished = try await place.run()
            try await place.checkIsDone(finished)
            #expect(finished.errors.contains("are of 5.11.0 already"), "\(finished.errors)")
            #expect(try place.migrations("upgrade") == 1)
        }
    }
}
