import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// What goes wrong for a while is waited for, and nothing is done twice.
@Suite(.inTurn) struct CloudSQLTransientTests {
    @Test func operationOfSomebodyElseIsNamedAndWaitedFor() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let backup = place.instance.startForeignOperation("BACKUP_VOLUME", by: "robot@example.com")
            let since = try #require(place.instance.operations.first?.insertTime)
            let imported = try await place.importAll("--database=primary") { _ in
                try await place.instance.waitUntil { record in
                    record.requests(for: "operations.get").count { $0.path.hasSuffix(backup) } >= 2
                }
                // Another one begins as soon as the first has ended.
                place.instance.endForeignOperation(backup)
                place.instance.startForeignOperation("MAINTENANCE", looks: 3)
            }
            #expect(imported.exit == 0, "\(imported.errors)")
            let told =
                "BACKUP_VOLUME by robot@example.com since \(since) is running on sourcegraph-db: "
                + "operation \(backup). Waiting for it to finish."
            #expect(imported.errors.contains(told), "\(imported.errors)")
            #expect(place.imports(of: "primary.sql") == 1)
            #expect(place.dropped == ["pgsql"])
        }
    }

    private static let methods = [
        "instances.get", "databases.list", "databases.insert", "databases.delete", "instances.import", "operations.get",
        "operations.list",
    ]

    @Test(arguments: [429, 500, 503])
    func serverInTroubleIsAskedAgainAndDoesNothingTwice(status: Int) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            for method in Self.methods {
                let skip = method == "databases.list" ? 0 : 1
                place.instance.fault(.status(status, retryAfter: status == 500 ? nil : 1), on: method, skip: skip)
            }
            let imported = try await place.importAll("--database=primary", "--settle=0")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("warning: The instance sourcegraph-db: \(status) "), "\(imported.errors)")
            for method in Self.methods {
                #expect(place.instance.requests(for: method).contains { $0.status == status }, "\(method)")
            }
            #expect(place.imports(of: "primary.sql") == 1)
            #expect(place.dropped == ["pgsql"])
            #expect(place.instance.operations.count { $0.database == "pgsql" && $0.type == "CREATE_DATABASE" } == 1)
        }
    }

    /// The real one says so for a while after a restart.
    @Test func instanceThatIsNotReadyYetIsAskedAgain() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let message = "The instance or operation is not in an appropriate state to handle the request."
            place.instance.fault(
                .status(409, reason: "invalidState", message: message), on: "instances.import", times: 3)
            let imported = try await place.importAll("--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.ranges(of: message).count == 1, "\(imported.errors)")
        }
    }

    @Test func databaseOfAnotherRoleIsHandedOver() async throws {
        var options = FakeCloudSQL.Options()
        options.databases["pgsql"] = "sourcegraph-admin"
        options.databases["codeintel-db"] = "sourcegraph-admin"
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small, options) { place in
            let emptied = try await place.importAll("--terminate-connections", "--until=reset")
            #expect(emptied.exit == 0, "\(emptied.errors)")
            func told(_ name: String) -> String {
                "Changing the owner of \(name) from sourcegraph-admin to cloudsqlsuperuser."
            }
            #expect(emptied.errors.contains(told("pgsql")) && emptied.errors.contains(told("codeintel-db")))
            #expect(!emptied.errors.contains(told("codeinsights-db")))
            let imported = try await place.importAll()
            #expect(imported.exit == 0, "\(imported.errors)")
            let owners = try await place.instance.sql(
                "SELECT DISTINCT pg_get_userbyid(datdba) FROM pg_database WHERE datname IN ('pgsql', 'codeintel-db')")
            #expect(owners == "cloudsqlsuperuser")
        }
    }

    @Test func sessionInADatabaseOfAnotherRoleIsTold() async throws {
        var options = FakeCloudSQL.Options()
        options.databases["pgsql"] = "sourcegraph-admin"
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small, options) { place in
            try await place.instance.sql("GRANT CONNECT ON DATABASE pgsql TO app")
            place.instance.fault(operation: .held(), skip: 1)
            let server = place.instance.cluster.server
            let refused = try await place.importAll("--database=primary", "--yes") { _ in
                // Somebody connects after all was looked at, while the owner is asked for.
                try await place.instance.waitUntil { record in
                    record.requests(for: "databases.delete").contains { $0.status == 400 }
                        && record.operations.contains { $0.status == .running }
                }
                try await server.holding("SELECT 1", in: "pgsql", as: "app") {
                    place.instance.releaseOperations()
                    try await place.instance.waitUntil { record in
                        record.requests(for: "databases.delete").count { $0.status == 400 } >= 2
                    }
                    // Owner, hand-over, and who is connected.
                    try await place.instance.waitUntil { record in
                        record.imports().count >= 4 && record.operations.allSatisfy { $0.status == .done }
                    }
                }
            }
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains("Others are connected to pgsql, so it cannot be dropped."), "\(refused.errors)")
            #expect(refused.errors.contains("pgsql: test as app, from 127.0.0.1"), "\(refused.errors)")
            let imported = try await place.importAll("--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
        }
    }

    @Test func roleThatImportsOwnsWhatIsImported() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.example) { place in
            let imported = try await place.importAll("--import-user=sourcegraph-admin", place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
            let owners = try await place.instance.sql(
                "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            #expect(owners == "sourcegraph-admin")
        }
    }
}
