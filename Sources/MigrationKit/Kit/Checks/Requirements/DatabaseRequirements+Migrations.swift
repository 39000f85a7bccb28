extension DatabaseRequirements {
    private struct Logs: Decodable {
        var schemas: [String]
        var failed: NamedObjects
        var pending: NamedObjects
    }

    private struct Leftover: Decodable {
        var version: String
        var dirty: Bool
    }

    /// Whether all schema migrations have ended, and well: Sourcegraph's migrator refuses a dirty database.
    ///
    /// `migration_logs` tells it since 3.36. The tables of golang-migrate speak only for a schema that is not in it:
    /// later instances keep them as leftovers.
    func schemaMigrations(_ tables: BookkeepingTables) async throws -> [Finding] {
        try await checking("schema-migrations") {
            var told: [String] = []
            var faults: [String] = []
            if let table = tables["migration_logs"] {
                guard table.isOpen else { return [unreadable("schema-migrations", [table])] }
                let logs: Logs = try await questions.answer(to: Self.logsQuery(table), "Reading the migrations")
                told = logs.schemas
                if logs.failed.count > 0 { faults.append("failed: \(logs.failed)") }
                if logs.pending.count > 0 { faults.append("started but not finished: \(logs.pending)") }
            }
            for name in BookkeepingTables.leftovers where !told.contains(name) {
                guard let table = tables[name] else { continue }
                guard table.isOpen else { return [unreadable("schema-migrations", [table])] }
                let sql = """
                    SELECT coalesce(json_agg(json_build_object('version', t.version::text, 'dirty', t.dirty)), '[]'::json)
                    FROM (SELECT * FROM \(table.quoted) LIMIT 10) AS t
                    """
                let rows: [Leftover] = try await questions.answer(to: sql, "Reading the migrations")
                if !rows.isEmpty { told.append(name) }
                let dirty = rows.filter(\.dirty).map { "\($0.version.printable) of \(name)" }
                if !dirty.isEmpty { faults.append("dirty: \(NamedObjects.list(dirty))") }
            }
            return [judge(told: told, faults: faults, hasTables: tables.hasTables)]
        }
    }

    private func judge(told: [String], faults: [String], hasTables: Bool) -> Finding {
        let schemas = NamedObjects.list(told)
        guard faults.isEmpty else {
            return finding(
                "schema-migrations", .fail, "Schema migrations are unfinished (\(faults.joined(separator: "; "))).",
                remedy: "Wait until Sourcegraph's migrator is done. Repair what is still unfinished as described in "
                    + "Sourcegraph's documentation on dirty databases.")
        }
        if told.isEmpty {
            return finding(
                "schema-migrations", hasTables ? .warn : .fail,
                hasTables ? "No table records schema migrations." : "The database has no tables.",
                remedy: "Check that the target is Sourcegraph's database \(place).")
        }
        guard told.contains(dumper.database.migrationsSchema) else {
            return finding(
                "schema-migrations", .fail,
                "The database records the migrations of \(schemas), not of \(dumper.database.migrationsSchema).",
                remedy: "This is a different Sourcegraph database: check the target of \(place).")
        }
        return finding("schema-migrations", .pass, "All schema migrations succeeded (\(schemas)).")
    }

    /// The latest log of each version counts; a downgrade that failed was undone and left nothing (Sourcegraph 5.1,
    /// internal/database/migration/store). Rows that were made up for older releases count least.
    private static func logsQuery(_ table: BookkeepingTables.Table) -> String {
        """
        WITH latest AS (
            SELECT DISTINCT ON (l.schema, l.version) l.success, format('%s of %s', l.version, l.schema) AS name
            FROM \(table.quoted) AS l
            WHERE (NOT l.up AND NOT l.success AND l.finished_at IS NOT NULL) IS NOT TRUE
            ORDER BY l.schema, l.version, coalesce(to_jsonb(l) ->> 'backfilled' = 'true', false),
                l.started_at DESC, l.id DESC
        )
        SELECT json_build_object(
            'schemas', (SELECT coalesce(json_agg(DISTINCT l.schema), '[]'::json) FROM \(table.quoted) AS l),
            'failed', \(CatalogueSQL.namedObjects("SELECT name FROM latest WHERE success IS FALSE")),
            'pending', \(CatalogueSQL.namedObjects("SELECT name FROM latest WHERE success IS NULL")))
        """
    }
}
