import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// An instance that cannot be imported into is found out before anything is dropped.
@Suite(.inTurn) struct CloudSQLInstanceGuardTests {
    @Test func instanceThatCannotWorkIsRefused() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            place.instance.change { $0.state = "MAINTENANCE" }
            let stopped = try await place.importAll()
            #expect(stopped.exit == 3)
            let name = "example-project:sourcegraph-db"
            #expect(stopped.errors.contains("error: \(name) is MAINTENANCE, not RUNNABLE."))
            place.instance.change { ($0.state, $0.databaseVersion) = ("RUNNABLE", "MYSQL_8_0") }
            let other = try await place.importAll()
            #expect(other.exit == 3)
            #expect(other.errors.contains("error: \(name) is MYSQL_8_0, not PostgreSQL."), "\(other.errors)")
            try await place.expectUntouched()
        }
    }

    @Test func instanceThatIsNotThereOrNotOursIsToldAsThat() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let missing = try await place.importAll("--instance=other-db")
            #expect(missing.exit == 3)
            #expect(
                missing.errors.contains("The instance other-db was not found in the project example-project."),
                "\(missing.errors)")
            let foreign = try await place.importAll("--project=other-project")
            #expect(foreign.exit == 3)
            let account = "uploader@example-project.iam.gserviceaccount.com"
            #expect(
                foreign.errors.contains("\(account) is not allowed to do this on sourcegraph-db."), "\(foreign.errors)")
            #expect(foreign.errors.contains("Check --project and --instance."))
            #expect(foreign.errors.contains("roles/cloudsql.admin in the project other-project"))
            place.instance.fault(.status(401), on: "instances.get", times: 2)
            let expired = try await place.importAll()
            #expect(expired.exit == 3)
            #expect(expired.errors.contains("Cloud SQL rejected the token of \(account)."), "\(expired.errors)")
            try await place.expectUntouched()
        }
    }

    @Test func roleThatIsNotThereCannotImport() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let refused = try await place.importAll("--import-user=nobody")
            #expect(refused.exit == 5)
            #expect(refused.errors.contains("nobody"), "\(refused.errors)")
            try await place.expectUntouched()
        }
    }

    @Test func whatTheServerLacksIsNamed() async throws {
        let dump = try await SmallDump.text
        let line = "-- Dumped from database version "
        let newer = try await CloudSQLSnapshot.primary(dump.replacing(line, with: line + "99.1 was "))
        try await CloudSQLPlace.with(newer) { place in
            try await place.makePrecious()
            let refused = try await place.importAll("--database=primary")
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("primary.sql comes from PostgreSQL 99; "), "\(refused.errors)")
            try await place.expectUntouched()
        }
        let extended = try await CloudSQLSnapshot.primary(
            dump.replacing(
                "CREATE SCHEMA \"audit\";",
                with: "CREATE EXTENSION IF NOT EXISTS \"no_such\" WITH SCHEMA \"public\";\nCREATE SCHEMA \"audit\";"))
        try await CloudSQLPlace.with(extended) { place in
            try await place.makePrecious()
            let refused = try await place.importAll("--database=primary")
            #expect(refused.exit == 3)
            let told = "example-project:sourcegraph-db does not offer no_such, which primary.sql needs."
            #expect(refused.errors.contains(told), "\(refused.errors)")
            try await place.expectUntouched()
            #expect(try await !place.databases.contains("mi_migrate_scratch"))
        }
    }

    @Test func accountThatMayNotReadTheBucketIsNamedAndWaitedFor() async throws {
        var options = FakeCloudSQL.Options()
        options.readers = [:]
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small, options) { place in
            try await place.makePrecious()
            let account = place.instance.instance.serviceAccountEmailAddress
            let imported = try await place.importAll("--database=primary") { _ in
                try await place.instance.waitUntil { record in
                    record.requests(for: "instances.import").count { $0.status == 412 } >= 3
                }
                try await place.expectUntouched()
                place.instance.allow(toRead: CloudSQLPlace.bucket)
            }
            #expect(imported.exit == 0, "\(imported.errors)")
            let told =
                "warning: The service account of sourcegraph-db, \(account), is not allowed to read gs://snapshot."
            #expect(imported.errors.ranges(of: told).count == 1, "\(imported.errors)")
            #expect(
                imported.errors.contains(
                    "gcloud storage buckets add-iam-policy-binding gs://snapshot --member=serviceAccount:\(account) "
                        + "--role=roles/storage.objectViewer"))
            #expect(imported.errors.contains("Retrying until it takes effect"))
        }
    }

    @Test func othersWhoAreConnectedAreNamedAndEndedIfWanted() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            try await place.instance.sql("GRANT ALL ON precious TO PUBLIC")
            let server = place.instance.cluster.server
            let refused = try await server.holding("SELECT FROM precious", in: "pgsql", as: "app") {
                try await place.importAll()
            }
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("Other sessions are connected to the databases that would be dropped."))
            #expect(refused.errors.contains("pgsql: test as app, from 127.0.0.1"), "\(refused.errors)")
            try await place.expectUntouched()
            let validated = try await server.holding("SELECT FROM precious", in: "pgsql", as: "app") {
                try await place.importAll("--until=validate")
            }
            #expect(validated.exit == 0)
            #expect(validated.errors.contains("warning: Other sessions are connected"), "\(validated.errors)")
            let imported = try await server.holding("SELECT FROM precious", in: "pgsql", as: "app") {
                try await place.importAll("--terminate-connections")
            }
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.dropped == ["pgsql", "codeintel-db", "codeinsights-db"])
            let limits = try await place.instance.sql("SELECT DISTINCT datconnlimit FROM pg_database")
            #expect(limits == "-1")
        }
    }

    /// A pool of connections is back at once.
    @Test func applicationThatComesBackAtOnceIsKeptOut() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let server = place.instance.cluster.server
            let pool = Task {
                while !Task.isCancelled {
                    _ = try? await server.sql("SELECT pg_sleep(1)", in: "pgsql", as: "app")
                }
            }
            try await server.wait(until: "EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'app')")
            let emptied = try await place.importAll("--terminate-connections", "--database=primary", "--until=reset")
            pool.cancel()
            await pool.value
            #expect(emptied.exit == 0, "\(emptied.errors)")
            #expect(place.dropped == ["pgsql"])
        }
    }
}
