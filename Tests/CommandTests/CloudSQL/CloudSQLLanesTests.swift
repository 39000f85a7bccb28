import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// An import over a connection comes to what one through the Admin API comes to, and needs less.
@Suite(.inTurnFirst) struct CloudSQLLanesTests {
    private struct Contents: Equatable {
        var schema: [String] = []
        var rows: [[Substring]] = []
        var extensions: [String] = []
    }

    /// All that is in the databases, with owners and grants; rows may be stored in another order.
    private func contents(_ place: CloudSQLPlace) async throws -> Contents {
        var contents = Contents()
        for name in Database.allCases.map(\.importedName) {
            contents.schema.append(try await place.instance.pgDump(name, "--create", "--schema-only"))
            contents.rows.append(try await place.instance.pgDump(name, "--data-only").split(separator: "\n").sorted())
            contents.extensions.append(
                try await place.instance.sql(
                    "SELECT extname, extversion, extowner::regrole, extnamespace::regnamespace FROM pg_extension ORDER BY 1",
                    database: name))
        }
        return contents
    }

    @Test(arguments: [true, false])
    func comesToTheSameAsAnImportThroughTheAdminAPI(inParts: Bool) async throws {
        let snapshot = inParts ? try await CloudSQLSnapshot.split : try await CloudSQLSnapshot.example
        try await CloudSQLPlace.with(snapshot) { place in
            let byAPI = try await place.importAll(place.connection)
            #expect(byAPI.exit == 0, "\(byAPI.errors)")
            let expected = try await contents(place)
            #expect(expected.schema.allSatisfy { $0.contains("OWNER TO cloudsqlsuperuser") })
            let imports = place.instance.imports().count
            let onLanes = try await place.importOnLanes("--start-over")
            #expect(onLanes.exit == 0, "\(onLanes.errors)")
            #expect(onLanes.errors.contains("holds exactly the rows that were dumped"))
            #expect(place.instance.imports().count == imports)
            #expect(try await contents(place) == expected)
            #expect(try await !place.databases.contains { $0.hasPrefix("mi_migrate") })
        }
    }

    @Test func nobodyElseReadsTheBucket() async throws {
        var options = FakeCloudSQL.Options()
        options.readers = [:]
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split, options) { place in
            let imported = try await place.importOnLanes("--database=codeintel", "--backup")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.instance.requests(for: "instances.import").isEmpty)
            #expect(place.instance.record.backups.count == 1)
            #expect(place.dropped == ["codeintel-db"])
        }
    }

    @Test func snapshotMayLieInAFolder() async throws {
        let snapshot = try await CloudSQLSnapshot.small
        try await CloudSQLPlace.with([:]) { place in
            for (name, bytes) in snapshot { try place.workplace.folder.write("here/\(name)", bytes) }
            let imported = try await place.importOnLanes("--bucket=./here", "--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
            let byAPI = try await place.importAll("--bucket=./here")
            #expect(byAPI.exit == 2)
            #expect(byAPI.errors.contains("Import over a connection with --connection"), "\(byAPI.errors)")
        }
    }

    @Test func roleThatImportsOwnsWhatIsImported() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split) { place in
            let imported = try await place.importOnLanes("--import-user=sourcegraph-admin", "--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
            let owners = try await place.instance.sql(
                "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            #expect(owners == "sourcegraph-admin")
        }
    }

    @Test func planTellsTheWayAndWhatAnotherOneWouldGain() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.split) { place in
            let server = "example-project:sourcegraph-db"
            let api = "\(server) fetches one object at a time, through the Admin API."
            for (arguments, way) in [
                ([], "\(api) With --connection, several sessions would load at the same time."),
                (
                    [place.connection, "--through=api"],
                    "\(api) --through=connection loads on several sessions at the same time."
                ),
                (
                    [place.connection],
                    "Up to 2 sessions load at the same time over --connection (the instance's cores; --jobs sets another "
                        + "number)."
                ),
                ([place.connection, "--jobs=3"], "Up to 3 sessions load at the same time over --connection (--jobs)."),
                ([place.connection, "--jobs=1"], "One session loads everything over --connection."),
            ] {
                let planned = try await place.workplace.run(
                    BuiltPrograms.path("mi-migrate"), ["plan", "--credentials=key.json"] + arguments,
                    environment: place.environment)
                #expect(planned.exit == 0, "\(planned.errors)")
                #expect(planned.output.contains(way), "\(planned.output)")
            }
            let applied = try await place.migrate("apply", "plan.json")
            #expect(applied.exit == 0, "\(applied.errors)")
            #expect(place.imports(of: "primary.10-schema.sql") == 0)
            let nothing = try await place.migrate("cancel", place.connection)
            #expect(nothing.errors.contains("What it loads over the connection stops with Ctrl-C"), "\(nothing.errors)")
        }
    }
}
