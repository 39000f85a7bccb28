import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// What is changed on the instance between load and proof is found.
@Suite(.inTurn) struct CloudSQLProofTests {
    @Test func changedValueIsFoundWithAConnection() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let failed = try await place.importPrimary(place.connection) {
                try await place.instance.sql("UPDATE people SET name = 'Grace ' WHERE name = 'Grace'")
            }
            #expect(failed.exit == 5)
            let told = "pgsql: people has the dumped number of rows, 5, but different content."
            #expect(failed.errors.contains(told), "\(failed.errors)")
            #expect(!place.journal.contains { $0.contains("completed") })
        }
    }

    @Test func allButValuesIsFoundWithoutAConnection() async throws {
        let dump = try await SmallDump.text.replacing(
            "CREATE SCHEMA \"audit\";",
            with: "CREATE EXTENSION IF NOT EXISTS \"pg_trgm\" WITH SCHEMA \"public\";\nCREATE SCHEMA \"audit\";")
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.primary(dump)) { place in
            let failed = try await place.importPrimary {
                try await place.instance.sql(
                    """
                    DELETE FROM visits WHERE weight = 1; DROP TABLE nobody_came; CREATE TABLE audit.extra ();
                    SELECT setval('people_id_seq', 4); DROP SEQUENCE audit.tickets; DROP EXTENSION pg_trgm;
                    ALTER TABLE audit.notes RENAME body TO text;
                    UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'people_pkey'::regclass;
                    """)
            }
            #expect(failed.exit == 5)
            for told in [
                "visits has 49 rows; 50 were dumped.", "nobody_came is missing or has different columns.",
                "audit.notes is missing or has different columns.",
                "audit.extra is on the server, but not in the dump.",
                "The sequence people_id_seq is at 4; 5 was dumped.",
                "The sequence audit.tickets is missing; 1000 was dumped.", "The extension pg_trgm is missing.",
                "The index public.people_pkey is not valid.",
            ] {
                #expect(failed.errors.contains("pgsql: \(told)"), "\(told)\n\(failed.errors)")
            }
        }
    }

    @Test func connectionToAnotherServerIsRefusedBeforeAnythingIsDropped() async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            try await place.makePrecious()
            let other = place.workplace.postgres.target
            let uri = "--connection=postgres://sourcegraph-admin:\(other.password)@127.0.0.1:\(other.port)/postgres"
            let refused = try await place.importAll(uri)
            #expect(refused.exit == 3)
            let told =
                "error: --connection leads to 127.0.0.1:\(other.port), which is not example-project:sourcegraph-db."
            #expect(refused.errors.contains(told), "\(refused.errors)")
            let nowhere = try await place.importAll("--connection=postgres://nobody@127.0.0.1:1/postgres")
            #expect(nowhere.exit == 3)
            #expect(nowhere.errors.contains("127.0.0.1:1 cannot be reached."), "\(nowhere.errors)")
            #expect(nowhere.errors.contains("--connection"), "\(nowhere.errors)")
            try await place.expectUntouched()
        }
    }

    @Test(arguments: [true, false])
    func progressIsToldByTheDatabaseWhereItMayBeAsked(mayBeAsked: Bool) async throws {
        let snapshot = try await CloudSQLSnapshot.small
        var options = FakeCloudSQL.Options()
        options.instance.allowsDataAPI = mayBeAsked
        try await CloudSQLPlace.with(snapshot, options) { place in
            let dump = String(decoding: try #require(snapshot["primary.sql"]), as: UTF8.self)
            let rows = try #require(dump.range(of: "\nCOPY \"public\".\"visits\""))
            let middle = dump.utf8.distance(from: dump.startIndex, to: rows.upperBound) + 300
            place.instance.fault(operation: .held(afterBytes: middle), of: CloudSQLPlace.uri("primary.sql"))
            let imported = try await place.importAll("--database=primary", "--json") { _ in
                try await place.instance.cluster.server.wait(
                    until: "EXISTS (SELECT FROM pg_stat_progress_copy WHERE datname = 'pgsql')")
                let asked = place.instance.requests.count
                try await place.instance.waitUntil { record in
                    // Progress is printed once a second: so many looks, less and less often, take longer.
                    record.requests.dropFirst(asked).count { $0.method == "operations.get" && $0.status == 200 } >= 10
                }
                place.instance.releaseOperations()
            }
            #expect(imported.exit == 0, "\(imported.output)")
            let lines = try CommandLines(imported.output)
            let details = lines.events("advanced", "pgsql").compactMap { $0["detail"] as? String }
            let expected = mayBeAsked ? "visits, " : "estimated"
            #expect(details.contains { $0.hasPrefix(expected) }, "\(details)")
            #expect(place.instance.requests(for: "instances.executeSql").isEmpty == !mayBeAsked)
            #expect(lines.objects.last?["result"] != nil)
        }
    }
}
