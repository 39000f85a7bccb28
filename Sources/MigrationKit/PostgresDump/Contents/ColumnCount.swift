/// Counts the columns of every row against those that its COPY names.
///
/// Where bytes were lost in the middle of a dump, the beginning of one row is joined to the end of another; a message
/// that got among the rows is a row of its own. Both are text that psql would take for rows until the server refuses
/// them, or would not refuse.
struct ColumnCount {
    /// The first row with more or fewer columns than its COPY names.
    private(set) var firstWrongRow: WrongRow?

    /// Where a wrong row stands. What is in it is not told: it may be anything, a password too.
    struct WrongRow {
        var table: TableName
        var line: Int
        var columns: Int
        var expected: Int

        var error: MigrationError {
            .tornDump(
                "Line \(line): a row of table \(table) has \(columns == 1 ? "1 column" : "\(columns) columns"), but its "
                    + "COPY has \(expected). Bytes of the dump were lost, or a message got into the rows."
            )
        }
    }

    /// The line of the first row, counted as ``DumpPosition/line``.
    var firstLine = 1

    private var table = TableName(schema: "", name: "")
    /// Nil for a COPY that names no columns: pg_dump writes it for a table that has none.
    private var expectedTabs: Int?
    /// Tabs in the fragments of the open row.
    private var openTabs = 0

    mutating func beginRows(of header: CopyHeader) {
        table = header.table
        expectedTabs = header.columns.isEmpty ? nil : header.columns.count - 1
    }

    /// - Parameter number: Which row of the table it is, counted from 1.
    @inline(__always)
    mutating func row(tabs: Int, number: Int) {
        if tabs != expectedTabs { note(tabs, number) }
    }

    mutating func fragment(tabs: Int) { openTabs += tabs }

    mutating func endRow(number: Int) {
        if openTabs != expectedTabs { note(openTabs, number) }
        openTabs = 0
    }

    mutating func abandonRow() { openTabs = 0 }

    private mutating func note(_ tabs: Int, _ number: Int) {
        guard firstWrongRow == nil, let expectedTabs else { return }
        firstWrongRow = WrongRow(
            table: table, line: firstLine + number - 1, columns: tabs + 1, expected: expectedTabs + 1)
    }
}
