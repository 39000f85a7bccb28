/// Where a database keeps what it says of itself: its release, its migrations, its encrypted columns.
///
/// Only tables are taken: a view of the same name would run somebody's functions.
struct BookkeepingTables: Decodable, Sendable {
    private var bookkeeping: [Table]
    /// Those with a column `encryption_key_id`, in whatever schema.
    let encryptable: [Table]
    /// Whether the database has any table at all.
    let hasTables: Bool

    /// A table, and whether all its rows can be read.
    struct Table: Decodable, Sendable {
        var schema: String
        var name: String
        /// How the server itself quotes it.
        var label: String
        var canRead: Bool
        var isSecured: Bool

        /// The name for SQL.
        var quoted: String { TableName(schema: schema, name: name).quoted }
        /// Whether a query of this role sees every row.
        var isOpen: Bool { canRead && !isSecured }
    }

    /// Where golang-migrate noted, before Sourcegraph 3.36, what migrator notes in `migration_logs`.
    static let leftovers = Database.allCases.map(\.migrationsSchema)

    /// Looks for them in the catalogue.
    ///
    /// - Throws: ``MigrationError`` if the server refuses.
    init(_ questions: DatabaseQuestions) async throws {
        self = try await questions.answer(to: Self.query, "Reading the catalog")
    }

    /// The table of a name; the one in `public` if there are several.
    subscript(name: String) -> Table? {
        let tables = bookkeeping.filter { $0.name == name }
        return tables.first { $0.schema == "public" } ?? tables.first
    }

    private static let names =
        [
            "versions", "global_state", "migration_logs", "out_of_band_migrations", "out_of_band_migrations_errors",
        ] + leftovers

    private static let query = """
        WITH tables AS (
            SELECT c.oid, n.nspname, c.relname, json_build_object(
                'schema', n.nspname, 'name', c.relname, 'label', format('%I.%I', n.nspname, c.relname),
                'canRead', coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false),
                'isSecured', c.relrowsecurity AND row_security_active(c.oid)) AS entry
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND \(CatalogueSQL.isDumpedSchema)
        )
        SELECT json_build_object(
            'hasTables', EXISTS (SELECT FROM tables),
            'bookkeeping', (SELECT coalesce(json_agg(entry ORDER BY nspname, relname), '[]'::json) FROM tables
                WHERE relname IN (\(names.map(\.quotedAsLiteral).joined(separator: ", ")))),
            'encryptable', (SELECT coalesce(json_agg(entry ORDER BY nspname, relname), '[]'::json) FROM tables
                WHERE EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = tables.oid
                    AND a.attname = 'encryption_key_id' AND a.attnum > 0 AND NOT a.attisdropped)))
        """
}

extension Database {
    /// The name of its migrations to Sourcegraph's migrator, which golang-migrate had as a table.
    var migrationsSchema: String { self == .primary ? "schema_migrations" : "\(rawValue)_schema_migrations" }
}

extension DatabaseRequirements {
    /// A table that could not be read, so that nobody knows whether the requirement holds.
    func unreadable(_ name: String, _ tables: [BookkeepingTables.Table]) -> Finding {
        finding(
            name, .fail,
            "The role is not allowed to read all rows of \(NamedObjects.list(tables.map(\.label))), so this was not checked.",
            remedy: "Dump as the role that owns the tables or as a superuser, then check again.")
    }
}
