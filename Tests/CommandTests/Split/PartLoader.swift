import Foundation
import MigrationKit
import TestClusters
import Testing

/// Imports the parts of a dump as Cloud SQL does: each by a session of its own, as an administrator who is no superuser.
struct PartLoader: Sendable {
    let workplace: Workplace

    /// Uploads a dump of one database by hand, in parts.
    @discardableResult
    func upload(
        _ dump: String? = nil, as database: Database = .primary, size: Int64, compresses: Bool = false,
        accepting reason: String? = nil
    ) async throws -> SnapshotManifest.DatabaseEntry {
        if let dump { try workplace.folder.write("src-snapshot/\(database.dumpName)", dump) }
        var upload = UploadSnapshot(
            folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")), store: workplace.store,
            databases: [database], includesSummary: false)
        upload.splitSize = size
        upload.compresses = compresses
        upload.acceptsIncomplete = reason
        return try #require(try await upload.run().databases.first)
    }

    /// Runs files through psql, each by itself, up to the first that fails.
    func load(_ names: String..., into database: String) async throws -> Workplace.Finished {
        try await load(names, into: database)
    }

    private func load(_ names: [String], into database: String) async throws -> Workplace.Finished {
        let target = workplace.target
        let psql =
            "psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p \(target.port) -U sourcegraph-admin -d '\(database)' "
            + "-f - -o /dev/null"
        let lines = names.map { "\($0.hasSuffix(".gz") ? "gunzip -c" : "cat") '\($0)' | \(psql)" }
        return try await workplace.shell(
            "set -e\n" + lines.joined(separator: "\n"), environment: ["PGPASSWORD": target.password])
    }

    /// Runs all of these, one after the other, which has to go well.
    func loadWell(_ parts: some Sequence<DumpPart>, into database: String) async throws {
        let loaded = try await load(parts.map { "bucket/\($0.object.name)" }, into: database)
        try #require(loaded.exit == 0, "\(loaded.errors)")
    }

    /// All that a database of the target holds, as pg_dump writes it.
    func dump(_ database: String) async throws -> [Substring] {
        let target = workplace.target
        let dumped = try await workplace.shell(
            "pg_dump -h 127.0.0.1 -p \(target.port) -U \(target.superuser) -d '\(database)'",
            environment: ["PGPASSWORD": target.password])
        try #require(dumped.exit == 0, "\(dumped.errors)")
        // The keys of these are other ones each time.
        return dumped.output.split(separator: "\n", omittingEmptySubsequences: false).filter {
            !$0.hasPrefix("\\restrict ") && !$0.hasPrefix("\\unrestrict ")
        }
    }

    /// What the parts come to, one after the other by one session each; rows may be stored in another order.
    func expected(_ entry: SnapshotManifest.DatabaseEntry) async throws -> [Substring] {
        try await withDatabases(1) { names in
            try await loadWell(entry.parts, into: names[0])
            return try await dump(names[0]).sorted()
        }
    }

    /// Runs `body` with empty databases of the administrator's, for itself.
    func withDatabases<Value: Sendable>(
        _ number: Int, _ body: @Sendable ([String]) async throws -> Value
    ) async throws -> Value {
        try await withDatabases(number, [], body)
    }

    private func withDatabases<Value: Sendable>(
        _ number: Int, _ names: [String], _ body: @Sendable ([String]) async throws -> Value
    ) async throws -> Value {
        guard names.count < number else { return try await body(names) }
        let name = "split-\(UUID().uuidString)"
        return try await workplace.target.withDatabase(
            name, "ALTER DATABASE \"\(name)\" OWNER TO \"sourcegraph-admin\""
        ) {
            try await withDatabases(number, names + [name], body)
        }
    }
}

/// A dump of what is hard to cut: made by pg_dump once.
enum HostileDump {
    private static let schema = #"""
        CREATE EXTENSION hstore;
        CREATE EXTENSION citext;
        CREATE SCHEMA "odd "" schema";
        CREATE TYPE "odd "" schema".mood AS ENUM ('a;', '\.', E'new\nline');
        CREATE FUNCTION checked(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
        BEGIN
            -- COPY t FROM stdin;
            RETURN $1 || $$;
        \.
        COMMIT;$$;
        END $f$;
        CREATE TABLE texts (id serial PRIMARY KEY, body text, made text GENERATED ALWAYS AS (checked(body)) STORED);
        INSERT INTO texts (body) SELECT unnest(ARRAY['\.', E'\\.\n', E'\r', E'\r\n', E'a\r', '', NULL, '\N', E'\t', '--', ';',
            'COPY texts FROM stdin;', E'\n\\.\nDROP SCHEMA mi_migrate CASCADE;\n', '$$', '''', 'COMMIT;', E'\001'])
          FROM generate_series(1, 40);
        INSERT INTO texts (body) VALUES (repeat('long', 20000));
        CREATE TABLE "odd "" schema"."odd; table" ("a ""b"" c" "odd "" schema".mood, d hstore, e citext);
        INSERT INTO "odd "" schema"."odd; table" SELECT '\.', 'a=>"\\."', 'x' FROM generate_series(1, 200);
        CREATE TABLE parted (id integer, "when" date NOT NULL) PARTITION BY RANGE ("when");
        CREATE TABLE parted_one PARTITION OF parted FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
        CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
        INSERT INTO parted SELECT n, date '2022-12-01' + n FROM generate_series(1, 500) AS n;
        CREATE INDEX ON parted ("when");
        CREATE TABLE children (parent integer REFERENCES texts, note text CHECK (note <> 'no'));
        INSERT INTO children SELECT 1 + n % 17, md5(n::text) FROM generate_series(1, 900) AS n;
        CREATE TABLE nobody_came (id bigint GENERATED BY DEFAULT AS IDENTITY);
        CREATE TABLE no_columns ();
        INSERT INTO no_columns DEFAULT VALUES;
        CREATE VIEW seen AS SELECT texts.id, texts.body, count(*) FROM texts JOIN children ON parent = texts.id GROUP BY texts.id;
        CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM children;
        CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
        CREATE TRIGGER stop BEFORE INSERT ON children FOR EACH ROW EXECUTE FUNCTION stop();
        CREATE SEQUENCE "odd "" schema".tickets START 1000;
        SELECT nextval('"odd "" schema".tickets');
        COMMENT ON TABLE texts IS E'\\.\nCOPY';
        """#

    /// The dump's text.
    static var text: String { get async throws { try await making.value } }

    private static let making = Task {
        let source = try await ScratchPostgres.shared.source
        return try await source.withDatabase("hostile", schema) { try await SmallDump.dump("hostile") }
    }
}
