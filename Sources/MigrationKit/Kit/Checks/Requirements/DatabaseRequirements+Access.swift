extension DatabaseRequirements {
    private struct Access: Decodable {
        var role: String
        var schemas: NamedObjects
        var tables: NamedObjects
        var secured: NamedObjects
        var owners: [String]
    }

    /// Whether pg_dump may read all that it has to: it locks every table and reads every sequence, and stops at the
    /// first that it may not.
    func dumpable() async throws -> [Finding] {
        try await checking("dumpable") {
            let access: Access = try await questions.answer(to: Self.accessQuery, "Reading the rights")
            let role = access.role.printable
            var found: [Finding] = []
            if access.schemas.count > 0 {
                found.append(
                    finding(
                        "dumpable", .fail, "The role \(role) is not allowed to use schemas: \(access.schemas).",
                        remedy: "\(Self.otherRole(access)), or GRANT USAGE ON SCHEMA … TO it for each."))
            }
            if access.tables.count > 0 {
                found.append(
                    finding(
                        "dumpable", .fail,
                        "The role \(role) is not allowed to read tables or sequences: \(access.tables).",
                        remedy: "\(Self.otherRole(access)), or GRANT SELECT ON ALL TABLES and ALL SEQUENCES IN SCHEMA "
                            + "… TO it; in PostgreSQL 14 and later, GRANT pg_read_all_data TO it is enough."))
            }
            if access.secured.count > 0 {
                found.append(
                    finding(
                        "dumpable", .fail,
                        "Row-level security hides rows of tables from the role \(role), so pg_dump would stop: \(access.secured).",
                        remedy: "\(Self.otherRole(access)), or ALTER ROLE … BYPASSRLS."))
            }
            return found.isEmpty
                ? [finding("dumpable", .pass, "The role \(role) can read all of it.")] : found
        }
    }

    private static func otherRole(_ access: Access) -> String {
        let owners = access.owners.isEmpty ? "" : " (\(NamedObjects.list(access.owners)))"
        return "Dump as the role that owns the tables\(owners) or as a superuser"
    }

    /// `row_security_active` tells what is true of this role, owners and superusers included; `has_table_privilege`
    /// knows `pg_read_all_data`.
    private static let accessQuery = """
        WITH dumped AS (
            SELECT c.oid, c.relkind, c.relrowsecurity, c.relowner, n.oid AS schema, n.nspname,
                format('%I.%I', n.nspname, c.relname) AS name
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'S') AND \(CatalogueSQL.isDumpedSchema)
                AND (NOT \(CatalogueSQL.isMember("pg_class", "c.oid"))
                    OR EXISTS (SELECT FROM pg_extension AS e WHERE c.oid = ANY (e.extconfig)))
        ), hidden AS (
            SELECT name, relowner FROM dumped
            WHERE CASE WHEN relkind = 'S' THEN has_sequence_privilege(oid, 'SELECT')
                ELSE has_table_privilege(oid, 'SELECT') END IS FALSE
        ), secured AS (
            SELECT name, relowner FROM dumped WHERE relrowsecurity AND row_security_active(oid)
        )
        SELECT json_build_object(
            'role', current_user,
            'schemas', \(CatalogueSQL.namedObjects(
                """
                SELECT DISTINCT format('%I', nspname) AS name FROM dumped
                WHERE has_schema_privilege(schema, 'USAGE') IS FALSE
                """)),
            'tables', \(CatalogueSQL.namedObjects("SELECT name FROM hidden")),
            'secured', \(CatalogueSQL.namedObjects("SELECT name FROM secured")),
            'owners', (SELECT coalesce(json_agg(DISTINCT format('%I', pg_get_userbyid(relowner))), '[]'::json)
                FROM (TABLE hidden UNION TABLE secured) AS t))
        """
}
