extension DatabaseRequirements {
    private struct Settings: Decodable {
        /// Those for everybody, as the part of a statement behind `SET`.
        var general: [String]
        /// Those of a role, as `role: name`.
        var ofRoles: NamedObjects
    }

    private static let shown = 10

    /// Whether the database has settings of its own, such as a search path: they are no part of a dump, and without them
    /// the same query may see other tables.
    func settings() async throws -> [Finding] {
        try await checking("settings") {
            let settings: Settings = try await questions.answer(to: Self.settingsQuery, "Reading the settings")
            guard !settings.general.isEmpty || settings.ofRoles.count > 0 else { return [] }
            let roles = settings.ofRoles.count > 0 ? ["of roles: \(settings.ofRoles)"] : []
            let names = settings.general.prefix(Self.shown).map { String($0.prefix { $0 != " " }) }
            let name = dumper.database.importedName.quotedAsIdentifier
            let statements = settings.general.prefix(Self.shown).map { "ALTER DATABASE \(name) SET \($0.printable);" }
            let more = settings.general.count - statements.count
            return [
                finding(
                    "settings", .warn,
                    "The database has settings of its own, which a dump does not contain: "
                        + "\((names.map(\.printable) + roles).joined(separator: ", ")).",
                    remedy: statements.isEmpty
                        ? "They belong to the source's roles, which the destination does not have. Tell the operator if "
                            + "Sourcegraph needs them."
                        : "If Sourcegraph needs them, ask the operator to run this after the import: "
                            + statements.joined(separator: " ") + (more > 0 ? " … and \(more) more" : ""))
            ]
        }
    }

    /// Lists are kept as they were quoted, all else is a literal; so pg_dump writes them, too.
    ///
    /// Source: PostgreSQL 16, src/bin/pg_dump/dumputils.c, `variable_is_guc_list_quote`.
    private static let settingsQuery = """
        WITH settings AS (
            SELECT s.setrole, split_part(one, '=', 1) AS name, substr(one, strpos(one, '=') + 1) AS value
            FROM pg_db_role_setting AS s, unnest(s.setconfig) AS one
            WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
        )
        SELECT json_build_object(
            'general', (SELECT coalesce(json_agg(name || ' TO ' || CASE
                    WHEN name IN ('local_preload_libraries', 'search_path', 'session_preload_libraries',
                        'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories')
                    THEN CASE value WHEN '' THEN quote_literal('') ELSE value END
                    ELSE quote_literal(value) END ORDER BY name), '[]'::json) FROM settings WHERE setrole = 0),
            'of_roles', \(CatalogueSQL.namedObjects(
                "SELECT format('%I: %s', pg_get_userbyid(setrole), name) AS name FROM settings WHERE setrole <> 0")))
        """
}
