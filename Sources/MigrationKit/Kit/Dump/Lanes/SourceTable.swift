/// A table of the source, as the holder of a snapshot sees it.
struct SourceTable: Decodable, Sendable, Hashable {
    let schema: String
    let name: String
    /// Whether a stretch of it can be read by itself: it is an ordinary heap table that nothing inherits from.
    let isPlain: Bool
    /// Blocks of the heap.
    let blocks: Int64
    /// Bytes of the heap and what is stored beside it.
    let bytes: Int64
    /// The columns that a dump holds, in their order; nil: there are none.
    let columns: [String]?
    /// About how many rows it has; 0: that is not known.
    let rows: Int64
    /// The columns of the unique key of integers by which it is cut; nil: there is none, or it is cut by its blocks.
    let key: [String]?

    var table: TableName { TableName(schema: schema, name: name) }

    /// The oldest server that reads a range of a table's blocks without reading all of it.
    static let leastServerMajor = 14
    /// What is smaller costs less beside others, in one pg_dump.
    static let leastBytes: Int64 = 1 << 20
    /// pg_dump is told on its command line which tables others read; what carries that may take 8 KiB.
    private static let namesLimit = 2500

    /// All tables that a dump takes, but those that an extension makes: one JSON document.
    static func query(serverMajor: Int) -> String {
        let isHeap =
            serverMajor >= 12 ? "c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap')" : "true"
        let isStored = serverMajor >= 12 ? "a.attgenerated = ''" : "true"
        let key = serverMajor >= leastServerMajor ? "NULL" : Self.key
        return """
            SELECT coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname,
                'is_plain', c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relispartition AND \(isHeap)
                    AND NOT EXISTS (SELECT FROM pg_inherits AS i WHERE c.oid IN (i.inhrelid, i.inhparent)),
                'blocks', CASE c.relkind WHEN 'r' THEN
                    pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END,
                'bytes', CASE c.relkind WHEN 'r' THEN pg_table_size(c.oid) ELSE 0 END,
                'columns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND \(isStored)),
                'rows', CASE WHEN c.relkind = 'r' AND c.relpages > 0 THEN round(greatest(c.reltuples, 0)::float8
                    / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::int))::bigint ELSE 0 END,
                'key', \(key))
                ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"), '[]'::json)
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND c.relpersistence IN ('p', 'u') AND \(CatalogueSQL.isDumpedSchema)
                AND NOT \(CatalogueSQL.isMember("pg_class", "c.oid"));
            """
    }

    /// The columns of a key, as JSON: of an index that has each row once and in one order, whatever is in the table.
    ///
    /// The rows have to be stored in about that order: in any other the server would fetch a block for each row.
    private static let key = """
        (SELECT (SELECT json_agg(a.attname ORDER BY k.place)
                FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
                    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
                WHERE k.place <= i.indnkeyatts)
            FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid JOIN pg_am AS m ON m.oid = x.relam
            WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                AND m.amname = 'btree' AND 0 = ALL (i.indoption::int2[])
                AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
                        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
                    WHERE k.place <= i.indnkeyatts AND NOT (a.attnotnull
                        AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)))
                AND EXISTS (SELECT FROM pg_stats AS s JOIN pg_attribute AS a ON a.attname = s.attname
                    WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND a.attrelid = c.oid
                        AND a.attnum = i.indkey[0] AND abs(s.correlation) >= 0.8)
            ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1)
        """

    /// Those that lanes read; pg_dump reads the others. In the order of a dump.
    static func readByLanes(_ tables: [SourceTable], serverMajor: Int) -> [SourceTable] {
        var room = namesLimit
        let fitting = tables.filter { $0.isPlain && $0.bytes >= leastBytes && $0.hasPlainNames }
            .filter { serverMajor >= leastServerMajor || $0.key != nil && $0.rows > 0 }
            .sorted { $0.bytes > $1.bytes }
            .prefix { table in
                room -= table.table.quoted.utf8.count + 30
                return room >= 0
            }
        return fitting.sorted { $0.table < $1.table }
    }

    /// A line of psql that runs a program has rules of its own for quotes, backslashes and line ends.
    private var hasPlainNames: Bool {
        guard let columns, !columns.isEmpty else { return false }
        return ([schema, name] + columns + (key ?? [])).allSatisfy { name in
            name.unicodeScalars.allSatisfy { scalar in
                scalar != "\"" && scalar != "'" && scalar != "\\" && scalar.properties.generalCategory != .control
            }
        }
    }

    /// What stands before the rows in a dump, in pg_dump's words.
    var head: String {
        "--\n-- Data for Name: \(name); Type: TABLE DATA; Schema: \(schema); Owner: -\n--\n\n"
            + "COPY \(table.quoted) (\(columnList)) FROM stdin;\n"
    }

    /// What stands behind them.
    static let tail = "\\.\n\n\n"

    /// The columns, for SQL.
    var columnList: String { (columns ?? []).map(\.quotedAsIdentifier).joined(separator: ", ") }

    /// The columns of its key, for SQL.
    var keyList: String { (key ?? []).map(\.quotedAsIdentifier).joined(separator: ", ") }
}
