import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// What an import over a connection finds out before anything is dropped, and what another way has left behind.
@Suite(.inTurn) struct CloudSQLLanesGuardTests {
    @Test func connectionToAnotherServerIsRefused() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let other = place.workplace.postgres.target
            let uri = "--connection=postgres://sourcegraph-admin:\(other.password)@127.0.0.1:\(other.port)/postgres"
            let refused = try await place.importOnLanes(uri)
            #expect(refused.exit == 3)
            let told =
                "error: --connection leads to 127.0.0.1:\(other.port), which is not example-project:sourcegraph-db."
            #expect(refused.errors.contains(told), "\(refused.errors)")
            try await place.expectUntouched()
            #expect(try await !place.databases.contains { $0.hasPrefix("mi_migrate") })
        }
    }

    @Test func roleThatCannotActAsTheOwnerIsRefused() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let uri = place.instance.uri("postgres").replacing("sourcegraph-admin", with: "app")
            let refused = try await place.importOnLanes("--connection=\(uri)")
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains("error: app cannot act as cloudsqlsuperuser on 127.0.0.1:"),
                "\(refused.errors)")
            #expect(refused.errors.contains("--through=api"))
            let unknown = try await place.importOnLanes("--import-user=nobody")
            #expect(unknown.exit == 3)
            #expect(unknown.errors.contains("sourcegraph-admin cannot act as nobody on 127.0.0.1:"))
            try await place.expectUntouched()
        }
    }

    @Test func uploadIsFollowedOverTheConnectionAlone() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let refused = try await place.importAll("--follow")
            #expect(refused.exit == 2)
            #expect(refused.errors.contains("error: --follow needs a connection to the databases"), "\(refused.errors)")
            #expect(refused.errors.contains("--connection"))
            try await place.expectUntouched()
            let imported = try await place.importOnLanes("--follow")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("is complete: there is nothing to follow."))
        }
    }

    @Test func databaseOfAnotherRoleIsHandedOverOrRefused() async throws {
        var options = FakeCloudSQL.Options()
        options.databases["pgsql"] = "sourcegraph-admin"
        options.databases["codeintel-db"] = "app"
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small, options) { place in
            let refused = try await place.importOnLanes()
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("codeintel-db on example-project:sourcegraph-db cannot be dropped"))
            #expect(
                refused.errors.contains("ALTER DATABASE \"codeintel-db\" OWNER TO cloudsqlsuperuser"),
                "\(refused.errors)")
            #expect(place.dropped == [])
            try await place.instance.sql("ALTER DATABASE \"codeintel-db\" OWNER TO cloudsqlsuperuser")
            let imported = try await place.importOnLanes()
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(
                imported.errors.contains("Changing the owner of pgsql from sourcegraph-admin to cloudsqlsuperuser."))
        }
    }

    @Test func othersWhoAreConnectedAreNamedAndEndedIfWanted() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let server = place.instance.cluster.server
            let refused = try await server.holding("SELECT 1", in: "pgsql", as: "app") {
                try await place.importOnLanes()
            }
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("pgsql: test as app, from 127.0.0.1"), "\(refused.errors)")
            let imported = try await server.holding("SELECT 1", in: "pgsql", as: "app") {
                try await place.importOnLanes("--terminate-connections")
            }
            #expect(imported.exit == 0, "\(imported.errors)")
            let limits = try await place.instance.sql("SELECT DISTINCT datconnlimit FROM pg_database")
            #expect(limits == "-1")
        }
    }

    @Test func wayThatIsNotThereIsAUsageError() async throws {
        try await CloudSQLPlace.with([:]) { place in
            let nothing = try await place.migrate("import", "--through=connection")
            #expect(nothing.exit == 2)
            #expect(nothing.errors.contains("There is no connection to import through."), "\(nothing.errors)")
            let other = try await place.migrate("import", "--through=tunnel")
            #expect(other.exit == 2)
            #expect(other.errors.contains("`tunnel` is not a way to import."), "\(other.errors)")
        }
    }

    /// The second part's object cannot be read, or its import fails.
    @Test(arguments: ImportWay.allCases)
    func databaseThatAnotherWayHasBegunStartsOver(way: ImportWay) async throws {
        let snapshot = try await CloudSQLSnapshot.split
        let second = "primary.20-data-0002.sql"
        try await CloudSQLPlace.with(snapshot) { place in
            if way == .api {
                place.instance.fault(
                    operation: .fails(code: "ERROR_RDBMS", message: "stderr: ERROR: no"), of: CloudSQLPlace.uri(second))
                #expect(try await place.importAll(place.connection, "--database=primary").exit == 5)
            } else {
                // Each run verifies it first, in as many requests.
                #expect(try await place.importOnLanes("--database=primary", "--until=extensions").exit == 0)
                let count = place.storage.requests.count { $0.object == second }
                place.storage.fault(.init(skip: count, times: 100, .denied(.objectsGet)) { $0.object == second })
                #expect(try await place.importOnLanes("--database=primary").exit == 3)
                place.storage.removeFaults()
            }
            let other: ImportWay = way == .api ? .connection : .api
            let planned = try await place.migrate(
                "import", "--dry-run", place.connection, "--database=primary", "--through=\(other.rawValue)")
            #expect(planned.output.contains("reset pgsql"), "\(planned.output)\(planned.errors)")
            let imported =
                other == .api
                ? try await place.importAll(place.connection, "--database=primary")
                : try await place.importOnLanes("--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
            let told = "To resume that instead: --through=\(way.rawValue)."
            #expect(imported.errors.contains("warning: pgsql starts over: "), "\(imported.errors)")
            #expect(imported.errors.contains(told), "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
            #expect(place.dropped == ["pgsql", "pgsql"])
            let status = try await place.migrate(
                "status", place.connection, "--database=primary", "--through=\(other.rawValue)")
            #expect(status.errors.contains("was completed and proven"), "\(status.output)\(status.errors)")
        }
    }
}
