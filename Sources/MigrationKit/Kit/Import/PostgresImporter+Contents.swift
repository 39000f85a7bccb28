internal import NIOCore
internal import Synchronization

extension PostgresImporter {
    /// Reads tables and sequences back, on several sessions: nobody else works in the database.
    ///
    /// - Throws: ``MigrationError`` if the server fails.
    public func contents(
        of database: Database, as dumped: DumpContents,
        onProgress: @escaping @Sendable (TableName, _ bytes: Int64) -> Void
    ) async throws -> DestinationContents {
        let catalogue: Catalogue = try await steadily {
            try await query(Self.catalogueQuery, database: database.importedName)
        }
        let needsLegacyFloats =
            (dumped.serverMajor ?? .max) < LegacyFloatText.firstShortestMajor
            && catalogue.serverMajor >= LegacyFloatText.firstShortestMajor
        let asked = Set(dumped.tables.map(\.table))
        let tables = dumped.tables.compactMap { table -> ReadBackPlan.Sized? in
            guard let types = catalogue.types(of: table) else { return nil }
            let one = ReadBackScript.Table(
                contents: table, floats: needsLegacyFloats ? LegacyFloatText(types: types) : nil,
                apart: catalogue.tables.filter { $0.roots.contains(table.table) && asked.contains($0.table) }.map(
                    \.table))
            return catalogue.sized(one)
        }
        let sequences = dumped.sequences.filter { catalogue.sequences.contains($0.sequence) }
        var found = try await read(tables, sequences, in: database, onProgress)

        for style in ReadBackScript.Style.others {
            let different = tables.filter { !found.tables.contains($0.table.contents) }
            guard !different.isEmpty else { break }
            let tables = try await read(different, [], style, in: database, onProgress).tables
            for table in tables where dumped.tables.contains(table) {
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

    /// Reads tables, and sequences beside the first of them.
    private func read(
        _ tables: [ReadBackPlan.Sized], _ sequences: [SequenceState], _ style: ReadBackScript.Style = .usual,
        in database: Database, _ onProgress: @escaping @Sendable (TableName, Int64) -> Void
    ) async throws -> (tables: [TableContents], sequences: [SequenceState]) {
        let scripts = ReadBackPlan(tables, sessions: jobs).shares.enumerated().map { number, share in
            ReadBackScript(tables: share, sequences: number == 0 ? sequences : [], style: style)
        }
        let passed = Mutex(Array(repeating: Int64(0), count: scripts.count))
        let read = try await SideBySide.results(of: Array(scripts.enumerated())) { number, script in
            try await turns {
                try await steadily {
                    try await self.read(script, in: database) { table, bytes in
                        let all = passed.withLock { passed in
                            passed[number] = bytes
                            return Quantity.sum64(passed)
                        }
                        onProgress(table, all)
                    }
                }
            }
        }.allOrError("sessions")

        var digests: [TableName: ContentDigest] = [:]
        for (script, one) in zip(scripts, read) {
            for (table, digest) in zip(script.tables, one.digests) {
                digests[table.contents.table, default: ContentDigest()].add(digest)
            }
        }
        let found = tables.map { table in
            var contents = table.table.contents
            let digest = digests[contents.table] ?? ContentDigest()
            (contents.rows, contents.digest) = (digest.rows, digest.hexSum)
            return contents
        }
        return (found, read.flatMap(\.sequences))
    }

    private func read(
        _ script: ReadBackScript, in database: Database, _ onProgress: @escaping @Sendable (TableName, Int64) -> Void
    ) async throws -> (digests: [ContentDigest], sequences: [SequenceState]) {
        let command = uri.psql(
            database: database.importedName, ["--tuples-only", "--no-align", "--file=-"], input: script.text
        )
        let reader = ReadBackReader(script: script, onProgress: onProgress)
        let what = "Reading \(database.importedName) back"
        try await tellingOfLocks(what, in: database.importedName) { watch in
            try await command.withOutput(stallLimit: .seconds(3600)) { outcome in
                try await check(outcome, in: database.importedName, doing: what)
            } body: { stream in
                for try await chunk in stream {
                    watch.noteArrival()
                    try await reader.take(chunk)
                }
            }
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
            /// It is an ordinary table, of which stretches can be read.
            var isHeap: Bool
            /// The tables that it is a partition of, directly or by way of others.
            var roots: [TableName]
            /// The base types of the columns, by name.
            var columns: [String: String]
            /// Blocks of its rows; those of its partitions, for a partitioned one, are theirs.
            var blocks: Int64
            /// All that it takes, texts that are kept apart included.
            var bytes: Int64
        }

        /// A table with what it takes. Servers before 14 read all of a table for each stretch of it.
        func sized(_ table: ReadBackScript.Table) -> ReadBackPlan.Sized {
            let own = tables.first { $0.table == table.contents.table }
            let partitions = tables.filter { $0.roots.contains(table.contents.table) }
            let isHeap = own?.isHeap == true && serverMajor >= SourceTable.leastServerMajor
            return .init(
                table: table, bytes: (own?.bytes ?? 0) + Quantity.sum64(partitions.map(\.bytes)),
                blocks: isHeap ? own?.blocks : nil)
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
          SELECT c.oid, c.relkind, c.relam, json_build_object('schema', n.nspname, 'name', c.relname) AS name,
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
            'isHeap', coalesce(relkind = 'r' AND relam = (SELECT a.oid FROM pg_am a WHERE a.amname = 'heap'), false),
            'bytes', pg_table_size(mine.oid),
            'blocks', pg_relation_size(mine.oid) / current_setting('block_size')::int,
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
