/// Rows of one table between two block numbers.
struct TableChunk: Sendable, Hashable {
    /// Which in the order of the dump, from 0.
    let number: Int
    let table: SourceTable
    /// Its first block.
    let start: Int64
    /// The block behind its last; nil: to the table's end.
    let end: Int64?
    /// About how many bytes its rows have as text.
    let expectedBytes: Int

    var isFirst: Bool { start == 0 }
    var isLast: Bool { end == nil }

    /// Its rows, for SQL.
    var source: String {
        let range = (end.map { " AND ctid < '(\($0),0)'::tid" } ?? "")
        return "FROM ONLY \(table.table.quoted) WHERE ctid >= '(\(start),0)'::tid\(range)"
    }
}

/// Cuts tables into chunks, one after the other, of about the same size as text.
///
/// How much text a block gives is known only once some are read: rows that the server keeps compressed, and apart from
/// the block, may be many times as long.
struct ChunkPlan: Sendable {
    /// How many bytes of text a chunk should have.
    static let chunkSize = 6 << 20

    private var rest: ArraySlice<SourceTable>
    private var block: Int64 = 0
    private var number = 0
    /// The most text that a block of the table has given so far.
    private var bytesPerBlock: Double = 0

    /// - Parameter tables: Each has at least one block.
    init(_ tables: [SourceTable]) { rest = tables[...] }

    /// Whether all tables are cut to their ends.
    var hasEnded: Bool { rest.isEmpty }

    /// The next chunk; nil behind the last.
    mutating func next() -> TableChunk? {
        guard let table = rest.first else { return nil }
        let blocks = max(table.blocks, 1)
        let guess = Double(table.bytes) / Double(blocks)
        // The first of a table is a small one, to learn from.
        let size = Double(bytesPerBlock > 0 ? Self.chunkSize : Self.chunkSize / 4)
        let perBlock = max(guess, bytesPerBlock)
        let length = max(1, Int64(size / perBlock))
        let end = block + length + length / 4 >= blocks ? nil : block + length
        let chunk = TableChunk(
            number: number, table: table, start: block, end: end,
            expectedBytes: Int(perBlock * Double((end ?? blocks) - block)))
        number += 1
        if let end { block = end } else { (rest, block, bytesPerBlock) = (rest.dropFirst(), 0, 0) }
        return chunk
    }

    /// Learns from what a chunk has given.
    mutating func note(_ bytes: Int, of chunk: TableChunk) {
        guard let end = chunk.end, chunk.table == rest.first else { return }
        bytesPerBlock = max(bytesPerBlock, Double(bytes) / Double(end - chunk.start))
    }
}
