import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import Subprocess
import TestClusters
import Testing

/// `mi-migrate plan` and `apply`.
@Suite(.inTurn) struct CloudSQLPlanTests {
    @Test func planNamesWhatIsDestroyedAndChangesNothing() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let planned = try await place.migrate("plan", "-o", "plan.json")
            #expect(planned.exit == 0, "\(planned.errors)")
            for step in ["reset pgsql", "reset codeintel-db", "load primary.sql", "prove pgsql", "analyze pgsql"] {
                #expect(planned.output.contains(step), "\(planned.output)")
            }
            #expect(planned.output.contains("gs://snapshot into example-project:us-central1:sourcegraph-db"))
            #expect(planned.output.contains(/reset pgsql +\d+(\.\d+)? MB/), "\(planned.output)")
            let unknown = "Estimated duration: not known before a rehearsal (`mi-migrate rehearse"
            #expect(planned.output.contains(unknown))
            #expect(planned.errors.contains("Next: mi-migrate apply plan.json"))
            #expect(try place.workplace.folder.mode("plan.json") == 0o600)

            let told = try await place.migrate("import", "--dry-run", "--json")
            #expect(told.exit == 0, "\(told.errors)")
            let result = try #require(try CommandLines(told.output).objects.last?["result"] as? [String: Any])
            #expect((result["steps"] as? [[String: Any]])?.count == 12)
            #expect((result["dropped"] as? [[String: Any]])?.compactMap { $0["name"] as? String }.count == 3)
            try await place.expectUntouched()
            #expect(place.journal == [])
            #expect(try await !place.databases.contains("mi_migrate_scratch"))

            let applied = try await place.migrate("apply", "plan.json")
            #expect(applied.exit == 0, "\(applied.errors)")
            #expect(place.dropped == ["pgsql", "codeintel-db", "codeinsights-db"])
            let again = try await place.migrate("apply", "plan.json")
            #expect(again.exit == 0 && again.errors.contains("Nothing is left to do"), "\(again.errors)")
            let nothing = try await place.migrate("plan")
            #expect(nothing.exit == 0 && nothing.output.contains("Nothing is left to do."), "\(nothing.output)")
        }
    }

    @Test func planThatDoesNotHoldAnyMoreIsRefused() async throws {
        var options = FakeCloudSQL.Options()
        options.databases["codeinsights-db"] = nil
        let snapshot = try await CloudSQLSnapshot.small
        try await CloudSQLPlace.with(snapshot, options) { place in
            #expect(try await place.migrate("plan", "-o", "plan.json").exit == 0)
            func expectRefused(_ told: String) async throws {
                let refused = try await place.migrate("apply", "plan.json")
                #expect(refused.exit == 3)
                #expect(refused.errors.contains("is out of date."), "\(refused.errors)")
                #expect(refused.errors.contains(told), "\(refused.errors)")
            }
            place.instance.change { $0.createTime = "2026-02-02T02:02:02.222Z" }
            try await expectRefused(
                "The target was example-project:us-central1:sourcegraph-db, POSTGRES_15, made 2026-01")
            place.instance.change { $0.createTime = FakeCloudSQL.Instance().createTime }

            try await place.instance.sql("CREATE TABLE large AS SELECT generate_series(1, 800000)")
            try await expectRefused("pgsql has grown from ")
            try await place.instance.sql("DROP TABLE large")
            try await place.instance.sql("CREATE DATABASE \"codeinsights-db\" OWNER cloudsqlsuperuser")
            try await expectRefused("codeinsights-db would be dropped, and did not exist then.")
            try await place.instance.sql("DROP DATABASE \"codeinsights-db\"")

            let other = try CloudSQLSnapshot.changing(snapshot, "\"createdAt\"", "\"other\": 1, \"createdAt\"")
            let changed = try CloudSQLSnapshot.changing(other, "MigrationKit ", "MigrationKit 0.")
            place.storage.add(
                CloudSQLPlace.bucket, "manifest.json", ByteBuffer(bytes: try #require(changed["manifest.json"])))
            try await expectRefused("The snapshot in gs://snapshot has changed.")
            place.storage.add(
                CloudSQLPlace.bucket, "manifest.json", ByteBuffer(bytes: try #require(snapshot["manifest.json"])))
            #expect(place.dropped == [])

            #expect(try await place.importAll("--until=reset").exit == 0)
            try await expectRefused("Somebody has worked on this migration since.")
            #expect(place.dropped == ["pgsql", "codeintel-db"])
        }
    }

    @Test func applyThatWasRefusedMayBeTriedAgain() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            #expect(try await place.migrate("plan", "--database=primary").exit == 0)
            let server = place.instance.cluster.server
            let refused = try await server.holding("SELECT 1", in: "pgsql", as: "app") {
                try await place.migrate("apply", "plan.json", "--database=primary")
            }
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("Other sessions are connected"), "\(refused.errors)")
            let applied = try await place.migrate("apply", "plan.json", "--database=primary")
            #expect(applied.exit == 0, "\(applied.errors)")
        }
    }

    @Test func applyThatWasKilledGoesOnWithTheSameCommand() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            #expect(try await place.importAll("--database=primary").exit == 0)
            let planned = try await place.migrate("plan", "--database=primary", "--start-over", "--backup")
            #expect(planned.exit == 0 && planned.output.contains("backup"), "\(planned.errors)")

            place.instance.fault(operation: .held(), of: CloudSQLPlace.uri("primary.sql"))
            let imports = place.imports(of: "primary.sql")
            let killed = try await place.migrate("apply", "plan.json", "--database=primary") { process in
                try await place.instance.waitUntil { record in
                    record.imports(of: CloudSQLPlace.uri("primary.sql")).count > imports
                        && record.operations.last?.status == .running
                }
                try process.send(.kill)
            }
            #expect(killed.exit == nil)
            place.instance.releaseOperations()
            let applied = try await place.migrate("apply", "plan.json", "--database=primary")
            #expect(applied.exit == 0, "\(applied.errors)")
            #expect(applied.errors.contains("Resuming the import of "), "\(applied.errors)")
            #expect(place.instance.record.backups.count == 1)
            #expect(place.dropped == ["pgsql", "pgsql"])
            #expect(place.imports(of: "primary.sql") == imports + 1)
        }
    }
}
