import Foundation
import LoopbackServers
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// A customer's folder, and a database of a test's own in the place of codeintel.
struct ExportPlace: Sendable {
    let workplace: Workplace
    /// Its name.
    let database: String

    var source: ScratchPostgres.Cluster { workplace.postgres.source }
    var folder: ScratchFolder { workplace.folder }

    /// Makes the database, and drops it behind the body.
    static func with<Value: Sendable>(
        _ database: String, _ schema: String, _ body: @Sendable (ExportPlace) async throws -> Value
    ) async throws -> Value {
        let place = ExportPlace(workplace: try await Workplace(), database: database)
        try place.writeTargets()
        return try await place.source.withDatabase(database, schema + Self.sourcegraph) { try await body(place) }
    }

    /// The same, reached by a relay.
    static func withRelay<Value: Sendable>(
        _ database: String, _ schema: String, _ body: @Sendable (ExportPlace, LoopbackRelay) async throws -> Value
    ) async throws -> Value {
        try await with(database, schema) { place in
            let relay = try await LoopbackRelay(to: place.source.port)
            try place.writeTargets { $0.others["port"] = "\(relay.port)" }
            return try await body(place, relay)
        }
    }

    /// By what a database is known to be Sourcegraph's.
    private static let sourcegraph = """
        CREATE TABLE codeintel_scip_documents (id integer PRIMARY KEY);
        CREATE TABLE codeintel_schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
        INSERT INTO codeintel_schema_migrations VALUES (1000000030, false);
        """

    /// A table that lanes read in several chunks: 12,000 rows in 2,000 blocks, 3.3 MB of text.
    static let ledger = """
        CREATE TABLE ledger (id integer PRIMARY KEY, amount integer NOT NULL, note text) WITH (fillfactor = 20);
        INSERT INTO ledger SELECT n, 100, repeat(md5(n::text), 8) FROM generate_series(1, 12000) AS n;
        CREATE TABLE vault (id integer PRIMARY KEY, amount integer NOT NULL);
        INSERT INTO vault SELECT n, 0 FROM generate_series(1, 100) AS n;
        """
    /// As many bytes come on a connection only when a lane is in the middle of its second chunk. What pg_dump asks for
    /// of the catalogue is half of that.
    static let midway = 1_000_000
    /// What comes of the ledger by the wire.
    static let ledgerBytes = 3_300_000

    func writeTargets(_ change: (inout Workplace.TargetLines) -> Void = { _ in }) throws {
        try workplace.writeTargets { one, lines in
            guard one == .codeintel else { return }
            lines.dbname = database
            change(&lines)
        }
    }

    /// `src-snapshot run`, into `./bucket`.
    func run(
        _ arguments: String..., environment: [String: String] = [:],
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["run", "--targets=targets.yaml", "-bucket=./bucket", "--without-instance"] + arguments,
            environment: environment, whileRunning: whileRunning)
    }

    var manifest: SnapshotManifest {
        get async throws { try await SnapshotManifest(readFrom: DirectoryStore(path: folder.file("bucket"))) }
    }

    /// Checks that the snapshot is whole, and holds what pg_dump would have dumped.
    ///
    /// - Parameter finished: A run with `--keep-dumps`.
    /// - Returns: What `verify` said.
    @discardableResult
    func expectWhole(_ finished: Workplace.Finished) async throws -> String {
        #expect(finished.exit == 0, "\(finished.errors)")
        let own = try await source.pgDump(database, Self.dumpFlags)
        let kept = try folder.text("src-snapshot/codeintel.sql")
        let difference = Self.lines(kept).difference(from: Self.lines(own))
        #expect(difference.isEmpty, "\(difference.prefix(5))")
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        return verified.errors
    }

    /// As the dumps are made.
    static let dumpFlags = [
        "--clean", "--encoding=UTF8", "--if-exists", "--no-acl", "--no-owner", "--quote-all-identifiers",
    ]

    /// The lines of a dump, whatever the order of its tables. pg_dump begins each of its runs with the default
    /// tablespace, and has another key each time.
    static func lines(_ dump: String) -> [Substring] {
        dump.split(separator: "\n").filter { line in
            !line.contains("restrict ") && line != "SET default_tablespace = '';"
        }.sorted()
    }

    /// Ends a session of the export's own, as an administrator would.
    ///
    /// - Parameter condition: Which of them; the oldest.
    func terminate(where condition: String = "true") async throws {
        let ended = try await source.sql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database)'
              AND application_name = 'src-snapshot' AND \(condition) ORDER BY backend_start LIMIT 1
            """)
        try #require(ended == "t", "\(condition)")
    }
}
