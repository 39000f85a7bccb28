/// Gathers ``DumpContents`` from statements and from the rows of a few small tables.
struct DumpFacts {
    var contents = DumpContents()

    private(set) var zones = TimestampZones()
    var columns = ColumnCount()
    private var gapFinder = GapFinder()

    private var digest = ContentDigest()
    private var header: CopyHeader?
    private var tablesWithRows: Set<TableName> = []
    /// Rows of the table had come already: two dumps in one file, or one that somebody has put together.
    private(set) var isRepeated = false
    private var bookkeeping: BookkeepingRows?

    /// What may have been left out of the dump, at its end.
    var gaps: DumpGaps { gapFinder.gaps(hasExtensions: !contents.extensions.isEmpty) }

    /// The table whose rows are passing.
    var currentTable: TableName? { header?.table }

    /// Notes what a statement tells, whether it stays or goes out.
    mutating func observe(_ tokens: [SQLToken]) {
        guard case .word(let verb)? = tokens.first else { return }
        gapFinder.observe(tokens)
        if verb == "create", tokens.dropFirst().first == .word("extension") { observeExtension(tokens) }
        if verb == "create" { zones.observe(tokens) }
        if verb == "select" { observeSetval(tokens) }
    }

    /// `CREATE EXTENSION IF NOT EXISTS "citext" WITH SCHEMA "public";`
    private mutating func observeExtension(_ tokens: [SQLToken]) {
        guard let name = CloudSQLRules.afterIfExists(tokens.dropFirst(2)).first?.name, name != "plpgsql",
            !contents.extensions.contains(where: { $0.name == name })
        else { return }
        let keyword = tokens.lastIndex(of: .word("schema"))
        let schema = keyword.flatMap { $0 + 1 < tokens.count ? tokens[$0 + 1].name : nil }
        contents.extensions.append(RequiredExtension(name: name, schema: schema))
    }

    /// A comment between statements: an extension that a line filter has commented out is needed all the same.
    mutating func observe(comment: UnsafeRawBufferPointer) {
        let tokens = SQLToken.tokens(of: comment, limit: 12)
        if tokens.starts(with: [.word("create"), .word("extension")]), tokens.last == .symbol(.semicolon) {
            observeExtension(tokens)
        }
    }

    /// `SELECT pg_catalog.setval('"public"."users_id_seq"', 42, true);`
    private mutating func observeSetval(_ tokens: [SQLToken]) {
        guard let call = tokens.firstIndex(of: .word("setval")), call <= 3, tokens.count > call + 6,
            case .string(let text) = tokens[call + 2],
            let value = tokens[(call + 4)...].first(where: { if case .number = $0 { true } else { false } }),
            case .number(let digits) = value
        else { return }
        let sign = tokens[call + 4] == .symbol(UInt8(ascii: "-")) ? "-" : ""
        guard let lastValue = Int64(sign + digits) else { return }
        let names = Array(text.utf8).withUnsafeBytes { SQLToken.tokens(of: $0) }.compactMap(\.name)
        guard let name = names.last else { return }
        contents.sequences.append(
            SequenceState(
                sequence: TableName(schema: names.count > 1 ? names[0] : "public", name: name),
                lastValue: lastValue,
                isCalled: !tokens.contains(.word("false"))
            )
        )
    }

    // MARK: Rows

    mutating func beginRows(of header: CopyHeader) {
        self.header = header
        isRepeated = !tablesWithRows.insert(header.table).inserted
        digest = ContentDigest()
        bookkeeping = BookkeepingRows(header)
        zones.beginRows(of: header)
        columns.beginRows(of: header)
        gapFinder.beginRows(of: header)
    }

    @inline(__always)
    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {
        digest.add(row: bytes)
        columns.row(tabs: tabs, number: digest.rows)
        bookkeeping?.add(row: bytes)
        zones.row(bytes)
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {
        digest.add(fragment: bytes)
        columns.fragment(tabs: tabs)
        bookkeeping?.add(fragment: bytes)
        zones.fragment(bytes)
    }

    mutating func endRow() {
        digest.endRow()
        columns.endRow(number: digest.rows)
        bookkeeping?.endRow()
        zones.endRow()
    }

    mutating func abandonRow() {
        digest.abandonRow()
        columns.abandonRow()
        bookkeeping?.abandonRow()
        zones.abandonRow()
    }

    mutating func endRows() {
        guard let header else { return }
        contents.tables.append(
            TableContents(table: header.table, columns: header.columns, rows: digest.rows, digest: digest.hexSum)
        )
        bookkeeping?.tell(&contents)
        self.header = nil
        bookkeeping = nil
    }
}
