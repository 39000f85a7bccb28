import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// Databases of a test's own on the source server, and what the requirements say of them.
struct RequirementsPlace: Sendable {
    let postgres: ScratchPostgres

    init() async throws { postgres = try await ScratchPostgres.shared }

    func dumper(
        _ database: Database, _ dbname: String, as user: String? = nil, password: String? = nil,
        port: Int? = nil
    ) -> PgDump {
        let source = postgres.source
        let target = DatabaseTarget(
            target: "127.0.0.1", dbname: dbname, username: user ?? source.superuser,
            password: Secret(password ?? source.password), port: port ?? source.port)
        return PgDump(database, transport: .pgDump, target: target)
    }

    func dumper(
        _ dbname: String, as user: String? = nil, password: String? = nil, port: Int? = nil
    ) -> PgDump {
        dumper(.primary, dbname, as: user, password: password, port: port)
    }

    /// Makes a database and calls `body` with its name.
    func with<Value: Sendable>(
        _ setup: String, _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let name = "req \"\(UUID().uuidString.prefix(8))\""
        return try await postgres.source.withDatabase(name, setup) { try await body(name) }
    }

    /// Makes a database, checks it as its owner, the superuser, and drops it.
    func check(_ setup: String, _ database: Database = .primary) async throws -> [Finding] {
        try await with(setup) { try await DatabaseRequirements(dumper(database, $0)).check() }
    }

    /// Makes a role that may log in, and drops it with all that it owns in the database.
    func withRole<Value: Sendable>(
        in database: String, _ options: String = "", _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        let role = "req_\(UUID().uuidString.prefix(8).lowercased())"
        let source = postgres.source
        try await source.sql("CREATE ROLE \(role) LOGIN PASSWORD '\(source.password)' \(options)")
        let result: Result<Value, any Error>
        do { result = .success(try await body(role)) } catch { result = .failure(error) }
        try await source.sql("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)", in: database)
        return try result.get()
    }

    /// What the pass over a real dump says.
    func report(_ dumper: PgDump) async throws -> DumpReport {
        try await dumper.withDump { dump in
            var pass = DumpPass(profile: .cloudSQL)
            var output = ByteBuffer()
            for try await chunk in dump {
                try pass.transform(chunk, into: &output)
                output.clear()
            }
            return try pass.finish(into: &output)
        }
    }
}

extension [Finding] {
    /// Those of a name.
    subscript(name: String) -> [Finding] { filter { $0.name == name } }

    /// What they say, together.
    var reason: String { map(\.told).joined(separator: "\n") }
    var remedy: String { compactMap(\.remedy).joined(separator: "\n") }

    /// The names of those that do not hold.
    var failed: Set<String> { Set(filter { $0.verdict == .fail }.map(\.name)) }
}

/// What Sourcegraph's primary database tells of itself, and no more.
enum BookkeepingSQL {
    static let versions = """
        CREATE TABLE versions (service text PRIMARY KEY, version text NOT NULL, first_version text NOT NULL);
        INSERT INTO versions VALUES ('frontend', '5.1.8', '3.43.2'), ('worker', '1.0.0', '1.0.0');
        """

    static let migrationLogs = """
        CREATE TABLE migration_logs (id serial PRIMARY KEY, migration_logs_schema_version integer NOT NULL DEFAULT 2,
            schema text NOT NULL DEFAULT 'schema_migrations', version integer NOT NULL, up boolean NOT NULL DEFAULT true,
            started_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz DEFAULT now(), success boolean,
            error_message text, backfilled boolean NOT NULL DEFAULT false);
        INSERT INTO migration_logs (version, success) VALUES (1, true), (2, true);
        """

    static let outOfBand = """
        CREATE TABLE out_of_band_migrations (id integer PRIMARY KEY, component text NOT NULL,
            progress double precision NOT NULL, apply_reverse boolean NOT NULL DEFAULT false,
            introduced_version_major integer NOT NULL, introduced_version_minor integer NOT NULL,
            deprecated_version_major integer, deprecated_version_minor integer, metadata jsonb);
        CREATE TABLE out_of_band_migrations_errors (id serial PRIMARY KEY, migration_id integer, message text);
        """

    static let outOfBandBefore329 = """
        CREATE TABLE out_of_band_migrations (id integer PRIMARY KEY, component text NOT NULL,
            progress double precision NOT NULL, apply_reverse boolean NOT NULL DEFAULT false,
            introduced text NOT NULL, deprecated text);
        """

    static let golangMigrate = """
        CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
        INSERT INTO schema_migrations VALUES (1528395834, false);
        """

    /// Tables by which the primary database is known, and which tell nothing of it.
    static let tables = "CREATE TABLE users (id integer PRIMARY KEY); CREATE TABLE repo (id integer PRIMARY KEY);"

    static let all = versions + migrationLogs + outOfBand
}

extension Finding {
    /// Reason and details.
    var told: String { ([reason] + details).joined(separator: "\n") }
}
