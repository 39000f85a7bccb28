/// The roles of a Cloud SQL instance, as far as an import meets them.
///
/// Two things differ from an instance. `CREATEROLE` is left out: up to PostgreSQL 15 it lets a role make itself a member
/// of `pg_execute_server_program`, which Google's servers forbid, and a dump could run programs on this machine. And
/// extensions that need a superuser elsewhere are made by ``RehearsalImporter``.
enum CloudSQLRoles {
    /// Google's own on an instance, and nobody else's.
    static let superuser = "cloudsqladmin"
    /// Sourcegraph's administrator, who imports.
    static let administrator = "sourcegraph-admin"

    /// Makes them on a new server.
    ///
    /// - Throws: ``MigrationError`` if it fails.
    static func make(on server: ScratchServer) async throws {
        let uri = try server.uri(as: superuser)
        let admin = PostgresImporter(uri: uri)
        let password = uri.password?.revealed.quotedAsLiteral ?? "NULL"
        let roles = statements(password: password, major: server.programs.major)
        try await admin.execute(roles.joined(separator: ";\n"), doing: "Making the roles of Cloud SQL")
        // What databases inherit that are made from now on.
        try await admin.execute(grant, database: "template1", doing: "Making the roles of Cloud SQL")
    }

    private static let grant = "GRANT ALL ON SCHEMA public TO cloudsqlsuperuser"

    private static func statements(password: String, major: Int) -> [String] {
        // pg_checkpoint came with PostgreSQL 15.
        let predefined = ["pg_monitor", "pg_signal_backend"] + (major >= 15 ? ["pg_checkpoint"] : [])
        // The login behind `instances.import`, and two users made through the Admin API. A user made with plain SQL is
        // no member of cloudsqlsuperuser.
        let members = ["cloudsqlimportexport", "postgres", administrator]
        return [
            // What customers have in place of a superuser.
            "CREATE ROLE cloudsqlsuperuser NOLOGIN CREATEDB",
            "GRANT \(predefined.joined(separator: ", ")) TO cloudsqlsuperuser",
        ]
            + members.map {
                "CREATE ROLE \($0.quotedAsIdentifier) LOGIN CREATEDB IN ROLE cloudsqlsuperuser PASSWORD \(password)"
            } + [
                "CREATE ROLE app LOGIN PASSWORD \(password)",
                "ALTER DATABASE template1 OWNER TO cloudsqlsuperuser",
                "ALTER DATABASE postgres OWNER TO cloudsqlsuperuser",
                grant,
            ]
    }
}
