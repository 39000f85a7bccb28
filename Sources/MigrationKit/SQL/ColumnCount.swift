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
                    + "COPY names \(expected). Bytes of the dump were lost on the way, or a message got among the rows."
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
    mutating func row(_ bytes: UnsafeRawBufferPointer, number: Int) {
        let tabs = Self.tabs(in: bytes)
        if tabs != expectedTabs { note(tabs, number) }
    }

    mutating func fragment(_ bytes: UnsafeRawBufferPointer) { openTabs += Self.tabs(in: bytes) }

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

    // MARK: Tabs

    private typealias Block = SIMD16<UInt8>
    private static let blockSize = 16

    /// How many tabs there are, 16 bytes at a time: every byte of a dump's rows passes here.
    @inline(__always)
    static func tabs(in bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        var count = 0
        while bytes.count &- offset >= blockSize {
            // A lane counts up to 255.
            var blocks = min((bytes.count &- offset) / blockSize, 255)
            var lanes = Block.zero
            while blocks > 0 {
                lanes &+= ones(in: bytes.loadUnaligned(fromByteOffset: offset, as: Block.self))
                offset &+= blockSize
                blocks &-= 1
            }
            count &+= sum(lanes)
        }
        let rest = bytes.count &- offset
        if rest == 0 { return count }
        guard bytes.count >= blockSize else {
            for byte in bytes where byte == tab { count &+= 1 }
            return count
        }
        // The last block again, as far as it was not counted.
        let last = ones(in: bytes.loadUnaligned(fromByteOffset: bytes.count &- blockSize, as: Block.self))
        return count &+ sum(last.replacing(with: 0, where: laneNumbers .< UInt8(truncatingIfNeeded: blockSize &- rest)))
    }

    private static var tab: UInt8 { UInt8(ascii: "\t") }
    private static var laneNumbers: Block { Block(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }

    /// 1 in the lane of each tab.
    @inline(__always)
    private static func ones(in block: Block) -> Block {
        Block.zero.replacing(with: Block(repeating: 1), where: block .== Block(repeating: tab))
    }

    @inline(__always)
    private static func sum(_ lanes: Block) -> Int {
        let words = unsafeBitCast(lanes, to: SIMD2<UInt64>.self)
        let low: UInt64 = 0x00FF_00FF_00FF_00FF
        // Four sums of 16 bits each, which the multiplication adds up in the highest.
        let sums = (words.x & low) &+ (words.x &>> 8 & low) &+ (words.y & low) &+ (words.y &>> 8 & low)
        return Int(truncatingIfNeeded: (sums &* 0x0001_0001_0001_0001) &>> 48)
    }
}
