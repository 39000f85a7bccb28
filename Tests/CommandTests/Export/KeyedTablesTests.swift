import Foundation
import TestClusters
import Testing

@testable import MigrationKit

/// Tables that are cut by a key where the server reads no ranges of blocks, as PostgreSQL 11 to 13. A newer one answers
/// the same questions.
@Suite(.inTurn) struct KeyedTablesTests {
    private static let schema = """
        CREATE TABLE by_id (id bigserial PRIMARY KEY, note text);
        INSERT INTO by_id (note) SELECT repeat('x', 30) FROM generate_series(1, 2000) AS n;
        DELETE FROM by_id WHERE id BETWEEN 500 AND 1200;
        CREATE TABLE by_three (a int NOT NULL, "b B" smallint NOT NULL, c bigint NOT NULL, UNIQUE (a, "b B", c));
        INSERT INTO by_three SELECT n / 700 - 1, n / 100 % 7 - 3, 4000000000 * (n % 100) - 5000 FROM generate_series(0, 2099) AS n;
        CREATE TABLE nullable (id int UNIQUE, note text);
        INSERT INTO nullable SELECT n, 'x' FROM generate_series(1, 500) AS n;
        CREATE TABLE partly (id int NOT NULL, note text);
        CREATE UNIQUE INDEX ON partly (id) WHERE id > 3;
        INSERT INTO partly SELECT n, 'x' FROM generate_series(1, 500) AS n;
        CREATE TABLE by_text (id text PRIMARY KEY);
        INSERT INTO by_text SELECT n::text FROM generate_series(100, 500) AS n;
        CREATE TABLE backwards (a int NOT NULL, b int NOT NULL);
        CREATE UNIQUE INDEX ON backwards (a, b DESC);
        INSERT INTO backwards SELECT n, n FROM generate_series(1, 500) AS n;
        CREATE TABLE shuffled (id int PRIMARY KEY);
        INSERT INTO shuffled SELECT n * 7919 % 10007 FROM generate_series(1, 2000) AS n;
        CREATE TABLE many_of_one (id int NOT NULL);
        CREATE INDEX ON many_of_one (id);
        INSERT INTO many_of_one SELECT n FROM generate_series(1, 500) AS n;
        CREATE TABLE read (name text, place tid);
        ANALYZE;
        """

    @Test func rowsOfAllChunksAreThoseOfTheTable() async throws {
        let source = try await ScratchPostgres.shared.source
        let database = "keyed_tables"
        try await source.withDatabase(database, Self.schema) {
            let json = try await source.sql(SourceTable.query(serverMajor: 13), in: database)
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            // As if their rows were long: some hundred in a chunk.
            let tables = try decoder.decode([SourceTable].self, from: Data(json.utf8)).filter { $0.key != nil }
                .map { table in
                    SourceTable(
                        schema: table.schema, name: table.name, isPlain: table.isPlain, blocks: table.blocks,
                        bytes: table.rows * 20_000, columns: table.columns, rows: table.rows, key: table.key)
                }
            #expect(tables.map(\.key) == [["id"], ["a", "b B", "c"]])
            #expect(tables.map(\.name) == ["by_id", "by_three"] && tables.allSatisfy { $0.rows > 1000 })
            var plan = ChunkPlan(tables)
            var counts: [String: Int] = [:]
            while let open = plan.next() {
                let line = try await source.sql(try #require(open.endQuery), in: database)
                let end = TableKey(line, count: open.table.key?.count ?? 0)
                #expect((end == nil) == line.isEmpty)
                let chunk = try plan.close(open, at: end)
                counts[chunk.table.name, default: 0] += 1
                try await source.sql(
                    "INSERT INTO read SELECT '\(chunk.table.name)', ctid \(chunk.source)", in: database)
                plan.note((chunk.rows ?? 0) * 20_000, of: chunk)
            }
            #expect(counts.count == 2 && counts.values.allSatisfy { $0 > 3 }, "\(counts)")
            for table in tables {
                let missing = try await source.sql(
                    """
                    SELECT count(*) FROM (SELECT ctid FROM \(table.name) EXCEPT ALL
                      SELECT place FROM read WHERE name = '\(table.name)') AS missing
                    """, in: database)
                let rows = try await source.sql("SELECT count(*) FROM \(table.name)", in: database)
                let read = try await source.sql(
                    "SELECT count(*) FROM read WHERE name = '\(table.name)'", in: database)
                #expect(missing == "0" && read == rows)
            }
        }
    }
}
