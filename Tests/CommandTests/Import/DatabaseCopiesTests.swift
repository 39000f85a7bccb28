import FakeGoogle
import MigrationKit
import TestClusters
import Testing

/// `mi-migrate copies`: what is kept before upgrades and imports is listed with its size, and removed.
@Suite(.inTurnFirst) struct DatabaseCopiesTests {
    @Test func copiesOnAServerAreListedAndRemoved() async throws {
        try await RunPlace.with(machine: "local") { place in
            let target = place.workplace.target
            let none = try await place.migrate("copies", "--config=migration.yaml")
            #expect(none.exit == 0 && none.errors.contains("No copies are kept on"), "\(none.errors)")
            let finished = try await place.run("--until=restore-point")
            try #require(finished.exit == 0, "\(finished.errors)")
            let names =
                "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE '%.before-%'"
            #expect(
                try await target.sql(names)
                    == "codeinsights-db.before-upgrade codeintel-db.before-upgrade pgsql.before-upgrade")

            let listed = try await place.migrate("copies", "--config=migration.yaml")
            #expect(listed.exit == 0, "\(listed.errors)")
            #expect(listed.output.contains("before-upgrade") && listed.output.contains(" MB"), "\(listed.output)")
            #expect(listed.output.contains("pgsql.before-upgrade"))

            let refused = try await place.migrate("copies", "--config=migration.yaml", "--remove")
            #expect(refused.exit == 2 && refused.errors.contains("would be removed"), "\(refused.errors)")
            #expect(refused.errors.contains("This migration is not tested yet"))
            let removed = try await place.migrate("copies", "--config=migration.yaml", "--remove", "--yes")
            #expect(removed.exit == 0 && removed.errors.contains("before-upgrade ("), "\(removed.errors)")
            #expect(try await target.sql(names) == "")
            let journal = try await place.journal()
            let told = await journal.entries.contains { entry in
                if case .finished(_, let result) = entry.event {
                    result.hasPrefix("removed before-upgrade (")
                } else {
                    false
                }
            }
            #expect(told)

            // Nothing was upgraded yet: the next run makes another one.
            try await place.checkIsDone(try await place.run())
            #expect(try await target.sql(names).contains("pgsql.before-upgrade"))
            let cleared = try await place.migrate("copies", "--config=migration.yaml", "--remove", "--yes")
            #expect(cleared.exit == 0 && !cleared.errors.contains("not tested"), "\(cleared.errors)")
            // A migration that is over stays so.
            try await place.checkIsDone(try await place.run())
            #expect(try await target.sql(names) == "")
            let restored = try await place.migrate("restore", "--config=migration.yaml", "--yes")
            #expect(restored.exit == 3 && restored.errors.contains("before-upgrade"), "\(restored.errors)")
        }
    }

    @Test func backupsOfAnInstanceAreListedAndDeleted() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let imported = try await place.importAll(place.connection, "--backup")
            try #require(imported.exit == 0, "\(imported.errors)")
            try await place.upgrade()
            let listed = try await place.migrate("copies")
            #expect(listed.exit == 0, "\(listed.errors)")
            for words in [
                "before mi-migrate import of gs://snapshot", "before mi-migrate upgrade of", "5.37 GB", "2026-11-20",
            ] {
                #expect(listed.output.contains(words), "\(listed.output)")
            }
            let removed = try await place.migrate("copies", "--remove", "--yes")
            #expect(removed.exit == 0, "\(removed.errors)")
            #expect(place.instance.record.backups.isEmpty && place.done("DELETE_VOLUME") == 2)
            #expect(try await place.openJournal().state.completedAt != nil)
        }
    }
}
