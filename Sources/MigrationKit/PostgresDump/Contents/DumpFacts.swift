/// Gathers ``DumpContents`` from statements and from the rows of a few small tables.
struct DumpFacts {
    var contents = DumpContents()

    private(set) var zones = TimestampZones()
    var columns = ColumnCount()
    private var gapFinder = GapFinder()
    private var encrypted = EncryptedRowCount()

    private var digest = ContentDigest()
    private var header: CopyHeader?
    private var tablesWithRows: Set<TableName> = []
    /// Why rows of a table that had come already may not come again; nil: they are the first, or another partition's.
    private(set) var repetition: String?
    /// The table by way of which the next rows are loaded, by the comment before them.
    private var announcedRoot: TableName?
    /// What its partitions hold, of each table that is loaded by way of it.
    private var partitioned: [TableName: ContentDigest] = [:]
    private var isPartition = false
    private var bookkeeping: BookkeepingRows?

    /// What may have been left out of the dump, at its end.
    var gaps: DumpGaps {
        gapFinder.gaps(hasExtensions: !contents.extensions.isEmpty, set: contents.sequences.map(\.sequence))
    }

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
            !CloudSQLExtensions.isLeftBehind(name),
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
        announcedRoot = Self.root(tokens) ?? announcedRoot
    }

    /// `-- load via partition root "public"."jobs"`: where a hash decides on the partition and may come out differently at
    /// the destination, as that of an enum does, pg_dump writes a COPY into the root for each partition.
    private static func root(_ tokens: [SQLToken]) -> TableName? {
        guard tokens.starts(with: [.word("load"), .word("via"), .word("partition"), .word("root")]) else { return nil }
        let names = tokens.dropFirst(4).compactMap(\.name)
        return names.count == 2 ? TableName(schema: names[0], name: names[1]) : nil
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
        let isFirst = tablesWithRows.insert(header.table).inserted
        isPartition = announcedRoot == header.table && (isFirst || partitioned[header.table] != nil)
        announcedRoot = nil
        repetition = isFirst ? nil : isPartition ? otherColumns(header) : Self.isRepeated
        digest = ContentDigest()
        bookkeeping = BookkeepingRows(header)
        zones.beginRows(of: header)
        encrypted.beginRows(of: header)
        columns.beginRows(of: header)
        gapFinder.beginRows(of: header)
    }

    /// Two dumps in one file, or one that somebody has put together.
    private static let isRepeated = "The rows of this table appear a second time. Dump again."

    /// Rows in two orders of columns have no common digest.
    private func otherColumns(_ header: CopyHeader) -> String? {
        let before = contents.tables.first { $0.table == header.table }?.columns
        guard before != header.columns else { return nil }
        return "The partitions of this table have its columns in different orders, so it cannot be proven that its "
            + "rows "
            + "arrive. Create partitions with the columns in the order of the table, move the rows there, then dump "
            + "again."
    }

    @inline(__always)
    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int) {
        digest.add(row: bytes)
        columns.row(tabs: tabs, number: digest.rows)
        bookkeeping?.add(row: bytes)
        zones.row(bytes)
        encrypted.row(bytes)
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer, tabs: Int) {
        digest.add(fragment: bytes)
        columns.fragment(tabs: tabs)
        bookkeeping?.add(fragment: bytes)
        zones.fragment(bytes)
        encrypted.fragment(bytes)
    }

    mutating func endRow() {
        digest.endRow()
        columns.endRow(number: digest.rows)
        bookkeeping?.endRow()
        zones.endRow()
        encrypted.endRow()
    }

    mutating func abandonRow() {
        digest.abandonRow()
        columns.abandonRow()
        bookkeeping?.abandonRow()
        zones.abandonRow()
        encrypted.abandonRow()
    }

    mutating func endRows() {
        guard let header else { return }
        addTable(header)
        encrypted.endRows()
        contents.encryptedRows = encrypted.tables
        bookkeeping?.tell(&contents)
        self.header = nil
        bookkeeping = nil
    }

    private mutating func addTable(_ header: CopyHeader) {
        var all = digest
        if isPartition {
            if let before = partitioned[header.table] { all.add(before) }
            partitioned[header.table] = all
        }
        let table = TableContents(
            table: header.table, columns: header.columns, rows: all.rows, digest: all.hexSum,
            isPartitioned: isPartition ? true : nil)
        if isPartition, let index = contents.tables.firstIndex(where: { $0.table == header.table }) {
            contents.tables[index] = table
        } else {
            contents.tables.append(table)
        }
    }
}
