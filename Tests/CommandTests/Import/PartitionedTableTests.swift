import FakeGoogle
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// Tables that are partitioned by the hash of an enum: pg_dump loads them by way of their root.
@Suite(.inTurn) struct PartitionedTableTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// Of `kept` one partition is loaded by itself, and the others by way of the root.
    private static let schema = """
        CREATE TYPE state AS ENUM ('queued', 'processing', 'errored', 'completed');
        CREATE TABLE jobs (id int NOT NULL, st state NOT NULL, note text) PARTITION BY HASH (st);
        CREATE TABLE jobs_0 PARTITION OF jobs FOR VALUES WITH (modulus 2, remainder 0);
        CREATE TABLE jobs_1 PARTITION OF jobs FOR VALUES WITH (modulus 2, remainder 1);
        INSERT INTO jobs SELECT g, (enum_range(null::state))[1 + g % 4], 'n' || g FROM generate_series(1, 40) AS g;
        CREATE TABLE kept (id int, st state, year int) PARTITION BY LIST (year);
        CREATE TABLE kept_old PARTITION OF kept FOR VALUES IN (2022);
        CREATE TABLE kept_new PARTITION OF kept FOR VALUES IN (2023) PARTITION BY HASH (st);
        CREATE TABLE kept_new_0 PARTITION OF kept_new FOR VALUES WITH (modulus 2, remainder 0);
        CREATE TABLE kept_new_1 PARTITION OF kept_new FOR VALUES WITH (modulus 2, remainder 1);
        INSERT INTO kept SELECT g, (enum_range(null::state))[1 + g % 4], 2022 + g % 2 FROM generate_series(1, 20) AS g;

        """ + SmallDump.sourcegraph

    private func dump(_ database: Database, _ name: String) async throws {
        try workplace.writeTargets { _, lines in lines.dbname = name }
        let dumped = try await workplace.snapshot(
            "databases", "--targets=targets.yaml", "--only=\(database.rawValue)", "--run")
        #expect(dumped.exit == 0 && !dumped.errors.contains("warning:"), "\(dumped.errors)")
        let text = try workplace.folder.text("src-snapshot/\(database.dumpName)")
        #expect(text.contains("-- load via partition root"))
    }

    @Test func arriveAndAreProven() async throws {
        let source = workplace.postgres.source
        try await source.withDatabase("enum_hash", Self.schema) {
            try await TargetDatabases.withOne { database in
                try await dump(database, "enum_hash")
                let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket", "-file=\(database.dumpName)")
                #expect(uploaded.exit == 0, "\(uploaded.errors)")
                let imported = try await workplace.migrate(
                    "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)",
                    "--yes", "--verbose")
                #expect(imported.exit == 0, "\(imported.errors)")
                #expect(imported.errors.contains("holds exactly the rows that were dumped."))
                let lines = imported.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
                let proven = Set(lines.dropFirst().map { $0[1...].joined(separator: " ") })
                #expect(proven.isSuperset(of: ["jobs 40 40 equal", "kept 10 10 equal", "kept_old 10 10 equal"]))
                let query = "SELECT * FROM jobs ORDER BY id; SELECT * FROM kept ORDER BY id"
                let there = try await workplace.postgres.target.sql(query, in: database.importedName)
                #expect(try await source.sql(query, in: "enum_hash") == there)
            }
        }
    }

    @Test(arguments: [true, false])
    func areProvenOnCloudSQLWithAndWithoutAConnection(hasConnection: Bool) async throws {
        let source = workplace.postgres.source
        let snapshot = try await source.withDatabase("enum_hash_\(hasConnection)", Self.schema) {
            try await dump(.primary, "enum_hash_\(hasConnection)")
            return try await CloudSQLSnapshot.primary(try workplace.folder.text("src-snapshot/primary.sql"))
        }
        try await CloudSQLPlace.with(snapshot) { place in
            let imported =
                hasConnection
                ? try await place.importAll("--database=primary", place.connection)
                : try await place.importAll("--database=primary")
            #expect(imported.exit == 0, "\(imported.errors)")
        }
        try await CloudSQLPlace.with(snapshot) { place in
            let change: @Sendable () async throws -> Void = {
                try await place.instance.sql(
                    "DELETE FROM jobs WHERE id = 7; DELETE FROM kept WHERE id = 4; CREATE TABLE more ()")
            }
            let failed =
                hasConnection
                ? try await place.importPrimary(place.connection, beforeProof: change)
                : try await place.importPrimary(beforeProof: change)
            #expect(failed.exit == 5)
            for told in [
                "jobs has 39 rows; 40 were dumped.", "kept_old has 9 rows; 10 were dumped.",
                "more is on the server, but not in the dump.",
            ] { #expect(failed.errors.contains("pgsql: \(told)"), "\(failed.errors)") }
            #expect(!failed.errors.contains("pgsql: kept has") && !failed.errors.contains("jobs_0"))
        }
    }
}
