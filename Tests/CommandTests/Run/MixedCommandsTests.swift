import MigrationKit
import TestClusters
import Testing

/// A migration that several commands take part in: each goes by what the others have done, and not by more.
@Suite(.inTurn) struct MixedCommandsTests {
    @Test func upgradeThatARunHasLeftOutIsDoneByItsOwnCommand() async throws {
        try await RunPlace.with(machine: "local", target: RunPlace.lastForOldServers) { place in
            let left = try await place.run("--until=upgrade", "--skip=upgrade=later", "--skip=restore-point=later")
            #expect(left.exit == 0, "\(left.errors)")
            #expect(try place.migrations("") == 0)
            let upgraded = try await place.migrate("upgrade", "--config=migration.yaml")
            #expect(upgraded.exit == 0, "\(upgraded.errors)")
            #expect(try await place.host.applied() == place.applied)
            #expect(try await place.journal().state.step("restore-point")?.result == "before-upgrade")
            // The migrator takes all databases, so they go back together.
            let torn = try await place.migrate("restore", "--config=migration.yaml", "--yes", "--database=primary")
            #expect(torn.exit == 2 && torn.errors.contains("can only be restored as a whole"), "\(torn.errors)")
            #expect(try await place.host.applied() == place.applied)
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

    @Test func importAfterARunKeepsToItsJournal() async throws {
        try await RunPlace.with(machine: "local") { place in
            try await place.checkIsDone(try await place.run())
            let imported = try await place.migrate("import", "--config=migration.yaml", "--yes")
            #expect(imported.exit == 0 && imported.errors.contains("Nothing is left to do"), "\(imported.errors)")
            #expect(try await place.host.applied() == place.applied)
            // Without the manifest nobody can tell what was imported: that is no reason to import anew.
            try place.workplace.folder.remove("bucket/manifest.json")
            let refused = try await place.run()
            #expect(refused.exit == 3 && refused.errors.contains("no longer in ./bucket"), "\(refused.errors)")
            #expect(try await place.host.applied() == place.applied)
        }
    }

    @Test func validateLooksAgainAtWhatIsImported() async throws {
        try await RunPlace.with(machine: "local") { place in
            let fresh = try await place.run("--until=validate")
            #expect(fresh.exit == 0 && fresh.errors.contains("Validated: the import can run"), "\(fresh.errors)")
            #expect(try await place.run("--until=analyze").exit == 0)
            try place.workplace.folder.write("bucket/primary.sql", "")
            let damaged = try await place.run("--until=validate")
            #expect(damaged.exit == 4, "\(damaged.errors)")
        }
    }

    @Test func whatIsNotThereIsNotUpgraded() async throws {
        try await RunPlace.with(machine: "local") { place in
            for missing in ["No import into", "has no codeintel-db"] {
                let refused = try await place.migrate("upgrade", "--config=migration.yaml")
                #expect(refused.exit == 3 && refused.errors.contains(missing), "\(refused.errors)")
                _ = try await place.workplace.target.sql("DROP DATABASE IF EXISTS \"codeintel-db\"")
            }
            let invocations = try place.host.invocations()
            #expect(!invocations.contains { $0.contains("cloud-sql-proxy") || $0.contains(" migrator ") })
        }
    }
}
