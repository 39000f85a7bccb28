import Foundation
import MigrationKit
import TestClusters
import Testing

/// The databases behind a VM's cloud-sql-proxy.
struct InstanceDatabases: Sendable {
    let server: ScratchPostgres.Cluster
    /// The login of the deployment's services.
    let user: String
    let password: String
    let names: [Database: String]

    /// Those that a migration imports into.
    static func imported(_ server: ScratchPostgres.Cluster, as user: String) -> InstanceDatabases {
        let names = Database.allCases.map { ($0, $0.importedName) }
        return InstanceDatabases(
            server: server, user: user, password: server.password, names: Dictionary(uniqueKeysWithValues: names))
    }

    /// Makes three small ones, with what the migrator looks at; they are gone after `body`.
    static func with<Value: Sendable>(
        version: String, _ body: @Sendable (InstanceDatabases) async throws -> Value
    ) async throws -> Value {
        let server = try await ScratchPostgres.shared.source
        let id = UUID().uuidString.lowercased()
        let names = Dictionary(uniqueKeysWithValues: Database.allCases.map { ($0, "\($0.rawValue)-\(id)") })
        let databases = InstanceDatabases(
            server: server, user: server.superuser, password: server.password, names: names)
        return try await server.withDatabase(
            try databases.name(.primary),
            logs + own(.primary) + versions + "INSERT INTO versions VALUES ('frontend', '\(version)')"
        ) {
            try await server.withDatabase(try databases.name(.codeintel), logs + own(.codeintel)) {
                try await server.withDatabase(try databases.name(.codeinsights), logs + own(.codeinsights)) {
                    try await body(databases)
                }
            }
        }
    }

    /// Runs SQL as the superuser.
    @discardableResult
    func sql(_ text: String, in database: Database) async throws -> String {
        try await server.sql(text, in: try name(database))
    }

    private func name(_ database: Database) throws -> String { try #require(names[database]) }

    /// Tables by which the database is known to be Sourcegraph's.
    private static func own(_ database: Database) -> String {
        switch database {
        case .primary: BookkeepingSQL.tables
        case .codeintel: "CREATE TABLE codeintel_scip_documents (id int PRIMARY KEY);"
        case .codeinsights: "CREATE TABLE series_points (id int PRIMARY KEY);"
        }
    }

    private static let logs = """
        CREATE TABLE migration_logs (
            id serial PRIMARY KEY, migration_logs_schema_version int NOT NULL, schema text NOT NULL, version int NOT NULL,
            up boolean NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz, success boolean,
            error_message text, backfilled boolean NOT NULL DEFAULT false);

        """

    private static let versions = """
        CREATE TABLE versions (
            service text PRIMARY KEY, version text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now(),
            first_version text NOT NULL DEFAULT '3.43.2');
        CREATE TABLE out_of_band_migrations (
            id int PRIMARY KEY, progress double precision NOT NULL DEFAULT 0,
            deprecated_version_major int, deprecated_version_minor int);
        INSERT INTO out_of_band_migrations VALUES (1, 1, 4, 0), (12, 0.6327, 99, 0);

        """
}
