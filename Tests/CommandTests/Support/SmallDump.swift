import MigrationKit
import NIOCore
import SystemPackage
import TestClusters

/// A dump of a few rows, for what an import does: made by pg_dump once.
enum SmallDump {
    static let schema = """
        CREATE SCHEMA audit;
        CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL, born date);
        INSERT INTO people (name, born) VALUES
          ('Ada', '1815-12-10'), ('Grace', '1906-12-09'), ('Edsger', '1930-05-11'), ('Barbara', NULL), ('', '1912-06-23');
        CREATE TABLE audit.notes (body text);
        INSERT INTO audit.notes VALUES ('once'), ('twice'), ('twice'), (''), (NULL);
        CREATE TABLE visits (person integer REFERENCES people, "when" timestamptz NOT NULL, weight double precision);
        INSERT INTO visits SELECT 1 + n % 5, timestamptz '2023-01-01' + n * interval '1 hour', n / 7.0
          FROM generate_series(1, 50) AS n;
        CREATE TABLE nobody_came (id integer);
        CREATE SEQUENCE audit.tickets START 1000;
        SELECT nextval('audit.tickets');
        CREATE SEQUENCE audit.never_called START 7;
        """

    /// Tables by which each of the three databases is known to be Sourcegraph's, beside these.
    static let sourcegraph =
        BookkeepingSQL.tables + """
            CREATE TABLE versions (service text PRIMARY KEY, version text NOT NULL);
            CREATE TABLE migration_logs (id integer PRIMARY KEY, schema text);
            CREATE TABLE codeintel_scip_documents (id integer PRIMARY KEY);
            CREATE TABLE series_points (id integer PRIMARY KEY);
            """

    /// The dump's text.
    static var text: String { get async throws { try await making.value } }

    private static let making = Task {
        let source = try await ScratchPostgres.shared.source
        return try await source.withDatabase("small", schema) { try await dump("small") }
    }

    /// That of a database which an instance has.
    static var instances: String { get async throws { try await makingInstances.value } }

    private static let makingInstances = Task {
        let source = try await ScratchPostgres.shared.source
        return try await source.withDatabase("small instance", schema + sourcegraph) {
            try await dump("small instance")
        }
    }

    /// Dumps a database of the source.
    static func dump(_ database: String) async throws -> String {
        let source = try await ScratchPostgres.shared.source
        let target = DatabaseTarget(
            target: "127.0.0.1", dbname: database, username: source.superuser, password: Secret(source.password),
            port: source.port)
        return try await PgDump(.primary, transport: .pgDump, target: target).withDump { stream in
            var buffer = ByteBuffer()
            for try await chunk in stream { buffer.writeImmutableBuffer(chunk) }
            return String(buffer: buffer)
        }
    }
}

extension Workplace {
    /// Where a dump made by hand and its upload are.
    var store: DirectoryStore { DirectoryStore(path: folder.file("bucket")) }

    /// Writes a dump of one database by hand and uploads it, with a manifest and without a summary.
    @discardableResult
    func upload(_ dump: String, as database: Database) async throws -> SnapshotManifest {
        try folder.write("src-snapshot/\(database.dumpName)", dump)
        return try await UploadSnapshot(
            folder: SnapshotFolder(path: folder.file("src-snapshot")), store: store, databases: [database],
            includesSummary: false
        ).run()
    }

    /// Imports into the target as an administrator who is no superuser.
    var importer: PostgresImporter {
        get throws {
            var uri = try PostgresURI(into)
            uri.password = Secret(postgres.target.password)
            return PostgresImporter(uri: uri)
        }
    }
}
