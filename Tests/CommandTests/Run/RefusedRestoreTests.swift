import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `mi-migrate restore` looks before it stops anything.
@Suite(.inTurnFirst) struct RefusedRestoreTests {
    private func restore(_ place: RunPlace) async throws -> Workplace.Finished {
        try await place.migrate("restore", "--config=migration.yaml", "--yes")
    }

    @Test func whatWouldNotWorkLeavesTheInstanceRunning() async throws {
        try await RunPlace.with(machine: "local") { place in
            let target = place.workplace.target
            try await place.checkIsDone(try await place.run())
            let downs = try place.host.invocations().count { $0.contains("compose down") }
            let entries = try await place.journal().state.steps
            let busy = try await target.holding("SELECT 1", in: "pgsql", as: "sourcegraph-admin") {
                try await restore(place)
            }
            #expect(busy.exit == 3 && busy.errors.contains("Other sessions are connected"), "\(busy.errors)")
            try await target.sql("ALTER DATABASE \"codeintel-db.before-upgrade\" RENAME TO hidden")
            let lacking = try await restore(place)
            #expect(lacking.exit == 3 && lacking.errors.contains("before-upgrade are missing"), "\(lacking.errors)")
            #expect(lacking.errors.contains("mi-migrate run --from-step=reset"))
            let unreachable = try await place.migrate(
                "restore", "--config=migration.yaml", "--yes", "--deployment=/no/such/folder")
            #expect(unreachable.exit == 3, "\(unreachable.errors)")
            #expect(try place.host.invocations().count { $0.contains("compose down") } == downs)
            #expect(try await place.journal().state.steps == entries)
            try await target.sql("ALTER DATABASE hidden RENAME TO \"codeintel-db.before-upgrade\"")
            // Nothing was changed, so nothing stands in the way.
            try await place.checkIsDone(try await place.run())
            let restored = try await restore(place)
            #expect(restored.exit == 0, "\(restored.errors)")
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func whoComesWhileTheInstanceStopsLeavesTheDatabasesAsTheyAre() async throws {
        try await RunPlace.with(machine: "local") { place in
            let target = place.workplace.target
            try await place.checkIsDone(try await place.run())
            // Of a name that one of the instance's services could have.
            let busy = try await target.holding(
                "SET application_name = 'worker'", in: "pgsql", as: "sourcegraph-admin"
            ) {
                try await restore(place)
            }
            #expect(busy.exit == 3 && busy.errors.contains("Other sessions are connected"), "\(busy.errors)")
            #expect(try place.host.containers().isEmpty)
            let status = try await place.migrate("status", "--config=migration.yaml")
            #expect(status.errors.contains("Next: proxy."), "\(status.errors)")
            #expect(try await place.journal().state.step("upgrade")?.finishedAt != nil)
            try await place.checkIsDone(try await place.run())
        }
    }

    @Test func restoreThatWasKilledIsWhatStatusAndReportTell() async throws {
        try await RunPlace.with(machine: "local") { place in
            let target = place.workplace.target
            try await place.checkIsDone(try await place.run())
            let copy = "\"codeintel-db.before-upgrade\""
            let waiting =
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE %' AND wait_event_type = 'Lock'"
            try await target.holding("COMMENT ON DATABASE \(copy) IS 'held'", in: "postgres") {
                let killed = try await place.migrate(["restore", "--config=migration.yaml", "--yes"]) { process in
                    try await target.wait(until: "(\(waiting)) = 1")
                    try process.send(.kill)
                }
                #expect(killed.exit == nil, "\(killed.errors)")
            }
            let status = try await place.migrate("status", "--config=migration.yaml")
            #expect(status.output.split(separator: "\n").contains { $0.hasPrefix("restore ") }, "\(status.output)")
            let again = "has not finished. Run `mi-migrate restore --config=migration.yaml` again"
            #expect(status.errors.contains(again), "\(status.errors)")
            let report = try await place.migrate("report", "--config=migration.yaml")
            #expect(report.output.hasPrefix("Not finished. Restoring the databases was started"), "\(report.output)")
            for command in [["run", "migration.yaml", "--yes"], ["plan", "--config=migration.yaml"]] {
                let refused = try await place.migrate(command)
                #expect(
                    refused.exit == 3 && refused.errors.contains("`mi-migrate restore --config=migration.yaml` again"),
                    "\(refused.errors)")
            }
            #expect(try await restore(place).exit == 0)
            try await place.checkIsDone(try await place.run())
        }
    }
}
