import MigrationKit
import TestClusters
import Testing

/// Whoever reads a table, lanes or pg_dump, its rows are those that pg_dump alone would have dumped.
@Suite(.inTurn) struct EveryKindOfTableTests {
    @Test func everyKindOfTableArrives() async throws {
        try await ExportPlace.with("kinds_of_tables", KindsOfTables.schema) { place in
            // What is as pg_dump wrote it brings its own `\restrict`, where pg_dump writes one.
            let exported = try await place.run("--keep-dumps", "--part-size=16MiB", "--jobs=3", "--profile=none")
            try await place.expectWhole(exported)
            // What is dropped before anything is created has an order.
            let own = try await place.source.pgDump(place.database, ExportPlace.dumpFlags)
            let kept = try place.folder.text("src-snapshot/codeintel.sql")
            #expect(drops(of: kept) == drops(of: own))
            #expect(drops(of: kept).contains { $0.hasPrefix("CREATE OR REPLACE VIEW \"public\".\"named\"") })

            try await TargetDatabases.withAll {
                let imported = try await place.workplace.migrate(
                    "import", "--bucket=./bucket", "--into=\(place.workplace.into)", "--database=codeintel", "--yes")
                #expect(imported.exit == 0, "\(imported.errors)")
                #expect(imported.errors.contains("holds exactly the rows that were dumped."), "\(imported.errors)")
            }
        }
    }

    /// From the settings to the first comment.
    private func drops(of dump: String) -> [Substring] {
        let head = dump.prefix(upTo: dump.firstRange(of: "\n--\n-- Name:")?.lowerBound ?? dump.endIndex)
        return head.split(separator: "\n").filter { !$0.contains("restrict ") && !$0.hasPrefix("SET default_") }
    }

    /// An extension makes its table, and a dump holds the rows that are not the extension's.
    @Test func tableOfAnExtensionFollowsPgDump() async throws {
        let schema = """
            CREATE EXTENSION citext;
            CREATE TABLE spellings (id integer, note text) WITH (fillfactor = 10);
            INSERT INTO spellings SELECT n, repeat('x', 100) FROM generate_series(1, 3000) AS n;
            CREATE TABLE hidden (id integer, note text) WITH (fillfactor = 10);
            INSERT INTO hidden SELECT * FROM spellings;
            ALTER EXTENSION citext ADD TABLE spellings;
            ALTER EXTENSION citext ADD TABLE hidden;
            UPDATE pg_extension
              SET extconfig = ARRAY['spellings'::regclass::oid], extcondition = ARRAY['WHERE id > 2990']
              WHERE extname = 'citext';
            """
        try await ExportPlace.with("table_of_an_extension", schema) { place in
            try await place.expectWhole(await place.run("--keep-dumps"))
            let entry = try await place.manifest.databases.first { $0.database == .codeintel }
            #expect(entry?.contents.tables.first { $0.table.name == "spellings" }?.rows == 10)
        }
    }

    /// Row-level security does not bind who owns a table.
    @Test func guardedTableIsReadByItsOwner() async throws {
        let owner = "owner_of_guarded"
        let schema = """
            CREATE ROLE \(owner) LOGIN PASSWORD 'of-the-owner';
            GRANT CREATE ON SCHEMA public TO \(owner);
            SET ROLE \(owner);
            CREATE TABLE guarded (id integer, note text) WITH (fillfactor = 10);
            INSERT INTO guarded SELECT n, repeat('x', 100) FROM generate_series(1, 3000) AS n;
            ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
            CREATE POLICY few ON guarded USING (id < 10);

            """
        let source = try await ScratchPostgres.shared.source
        do {
            try await ExportPlace.with("guarded_by_rows", schema) { place in
                try place.writeTargets { lines in
                    (lines.username, lines.password) = (owner, "of-the-owner")
                }
                let exported = try await place.run("--keep-dumps")
                #expect(exported.exit == 0, "\(exported.errors)")
                let entry = try await place.manifest.databases.first { $0.database == .codeintel }
                #expect(entry?.contents.rows == 3001)
            }
        } catch {
            _ = try? await source.sql("DROP ROLE IF EXISTS \(owner)")
            throw error
        }
        try await source.sql("DROP ROLE \(owner)")
    }
}
