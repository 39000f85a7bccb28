internal import NIOCore

extension PostgresImporter {
    /// Reads tables and sequences back, in one session and one snapshot.
    ///
    /// - Throws: ``MigrationError`` if the server fails.
    public func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents {
        let catalogue: Catalogue = try await query(Self.catalogueQuery, database: database.importedName)
        let needsLegacyFloats =
            (dumped.serverMajor ?? .max) < LegacyFloatText.firstShortestMajor
            && catalogue.serverMajor >= LegacyFloatText.firstShortestMajor
        let asked = Set(dumped.tables.map(\.table))
        let tables = dumped.tables.compactMap { table -> ReadBackScript.Table? in
            guard let types = catalogue.types(of: table) else { return nil }
            return .init(
                contents: table, floats: needsLegacyFloats ? LegacyFloatText(types: types) : nil,
                apart: catalogue.tables.filter { $0.roots.contains(table.table) && asked.contains($0.table) }.map(
                    \.table))
        }
        let sequences = dumped.sequences.filter { catalogue.sequences.contains($0.sequence) }
        var found = try await read(ReadBackScript(tables: tables, sequences: sequences), in: database, onProgress)

        for style in ReadBackScript.Style.others {
            let different = tables.filter { !found.tables.contains($0.contents) }
            guard !different.isEmpty else { break }
            let script = ReadBackScript(tables: different, sequences: [], style: style)
            for table in try await read(script, in: database, onProgress).tables where dumped.tables.contains(table) {
                found.tables = found.tables.map { $0.table == table.table ? table : $0 }
            }
        }

        let roots = Set(dumped.tables.filter { $0.isPartitioned == true }.map(\.table))
        let unexpected = catalogue.tables.filter { table in
            !table.isPartitioned && !table.isExtensions && !asked.contains(table.table)
                && roots.isDisjoint(with: table.roots)
        }
        return DestinationContents(
            tables: found.tables, sequences: found.sequences,
            unexpectedTables: unexpected.map(\.table).sorted(),
            invalidIndexes: catalogue.invalidIndexes, extensions: Set(catalogue.extensions)
        )
    }

    private func read(
        _ script: ReadBackScript, in database: Database, _ onProgress: @escaping @Sendable (TableName, Int64) -> Void
    ) async throws -> (tables: [TableContents], sequences: [SequenceState]) {
        let command = uri.psql(
            database: database.importedName, ["--tuples-only", "--no-align", "--file=-"], input: script.text
        )
        let reader = ReadBackReader(script: script, onProgress: onProgress)
        try await command.withOutput(stallLimit: .seconds(3600)) { outcome in
            try Self.check(outcome, doing: "Reading \(database.importedName) back", server: serverName)
        } body: { stream in
            for try await chunk in stream { try await reader.take(chunk) }
        }
        return try await reader.result()
    }

    private struct Catalogue: Decodable {
        var serverMajor: Int
        var tables: [Table]
        var sequences: [TableName]
        var invalidIndexes: [String]
        var extensions: [String]

        struct Table: Decodable {
            var table: TableName
            /// It belongs to an extension, which brings it: nobody misses it in a dump.
            var isExtensions: Bool
            /// It has no rows but those of its partitions.
            var isPartitioned: Bool
            /// The tables that it is a partition of, directly or by way of others.
            var roots: [TableName]
            /// The base types of the columns, by name.
            var columns: [String: String]
        }

        /// The types of a table's dumped columns; nil if the table or one of the columns is not there.
        func types(of dumped: TableContents) -> [String]? {
            let isPartitioned = dumped.isPartitioned ?? false
            let found = tables.first { $0.table == dumped.table && $0.isPartitioned == isPartitioned }
            guard let columns = found?.columns else { return nil }
            let types = dumped.columns.compactMap { columns[$0] }
            return types.count == dumped.columns.count ? types : nil
        }
    }

    /// User tables and sequences. A dump may hold rows of extensions' own tables, too.
    private static let catalogueQuery = """
        WITH RECURSIVE mine AS (
          SELECT c.oid, c.relkind, json_build_object('schema', n.nspname, 'name', c.relname) AS name,
            EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
              AND d.deptype = 'e') AS is_extensions
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            AND n.nspname !~ '^pg_(toast|temp)'),
        base (oid, type) AS (
          SELECT oid, oid FROM pg_type WHERE typtype <> 'd'
          UNION ALL SELECT t.oid, b.type FROM pg_type t JOIN base b ON t.typbasetype = b.oid WHERE t.typtype = 'd'),
        partition (oid, root) AS (
          SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN mine m ON m.oid = i.inhparent AND m.relkind = 'p'
          UNION ALL SELECT p.oid, i.inhparent FROM partition p JOIN pg_inherits i ON i.inhrelid = p.root)
        SELECT json_build_object(
          'serverMajor', current_setting('server_version_num')::int / 10000,
          'tables', (SELECT coalesce(json_agg(json_build_object('table', name,
            'isExtensions', is_extensions, 'isPartitioned', relkind = 'p',
            'roots', (SELECT coalesce(json_agg(m.name), '[]') FROM partition p JOIN mine m ON m.oid = p.root
              WHERE p.oid = mine.oid), 'columns',
            (SELECT coalesce(json_object_agg(attname, format_type(base.type, NULL)), '{}')
             FROM pg_attribute JOIN base ON base.oid = atttypid
             WHERE attrelid = mine.oid AND attnum > 0 AND NOT attisdropped))), '[]') FROM mine WHERE relkind <> 'S'),
          'sequences', (SELECT coalesce(json_agg(name), '[]') FROM mine WHERE relkind = 'S'),
          'invalidIndexes', (SELECT coalesce(json_agg(indexrelid::regclass::text), '[]') FROM pg_index
            WHERE NOT indisvalid OR NOT indisready),
          'extensions', (SELECT coalesce(json_agg(extname), '[]') FROM pg_extension))
        """
}
