import MigrationKit
import Testing

/// A migration that several commands take part in: each goes by what the others have done, and not by more.
@Suite(.inTurn, .timeLimit(.minutes(30))) struct MixedCommandsTests {
    @Test func upgradeThatARunHasLeftOutIsDoneByItsOwnCommand() async throws {
        try await RunPlace.with(machine: "local") { place in
            let left = try await place.run("--until=upgrade", "--skip=upgrade=later", "--skip=restore-point=later")
            #expect(left.exit == 0, "\(left.errors)")
            #expect(try place.migrations("") == 0)
            let upgraded = try await place.migrate("upgrade", "--config=migration.yaml")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            #expect(try await place.host.applied() == ["5.2": 1, "5.3": 1])
            #expect(try await place.journal().state.step("restore-point")?.result == "before-upgrade")
            // The migrator takes all databases, so they go back together.
            let torn = try await place.migrate("restore", "--config=migration.yaml", "--yes", "--database=primary")
            #expect(torn.exit == 2 && torn.errors.contains("goes back as a whole"), "\(torn.errors)")
            #expect(try await place.host.applied() == ["5.2": 1, "5.3": 1])
        }
    }

    @Test func unfinishedImportIsNotUpgraded() async throws {
        try await RunPlace.with(machine: "local") { place in
            #expect(try await place.run("--until=prove").exit == 0)
            let refused = try await place.migrate("upgrade", "--config=migration.yaml")
            #expect(refused.exit == 3 && refused.errors.contains("not imported and proven yet"), "\(refused.errors)")
            #expect(try place.migrations("") == 0)
        }
    }

    @Test func runAfterAnImportStopsTheInstanceFirst() async throws {
        try await RunPlace.with(machine: "local") { place in
            let imported = try await place.migrate(
                "import", "--config=migration.yaml", "--yes", "--journal=./bucket")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(try place.host.invocations().contains { $0.contains("down") } == false)
            try await place.checkIsDone(try await place.run())
            #expect(try place.host.invocations().contains("docker-compose down"))
            #expect(try await place.journal().state.steps.count { $0.name == "load primary.sql" } == 1)
        }
    }
}
