/// Cuts tables into chunks, one after the other, of about the same size as text.
///
/// How much text a block or a row gives is known only once some are read: what the server keeps compressed, and apart from
/// the block, may be many times as long.
struct ChunkPlan: Sendable {
    /// How many bytes of text a chunk should have.
    static let chunkSize = 6 << 20

    private var rest: ArraySlice<SourceTable>
    private var block: Int64 = 0
    /// The first of the next chunk, where a table is cut by its key; nil: the table begins.
    private var key: TableKey?
    private var number = 0
    /// The most text that a block of the table, or a row where it is cut by its key, has given so far.
    private var bytesPerUnit: Double = 0

    /// - Parameter tables: Each has at least one block.
    init(_ tables: [SourceTable]) { rest = tables[...] }

    /// Whether all tables are cut to their ends.
    var hasEnded: Bool { rest.isEmpty }

    /// The next chunk; nil behind the last. One with ``TableChunk/rows`` ends where ``close(_:at:)`` says, and is the next
    /// one until then.
    mutating func next() -> TableChunk? {
        guard let table = rest.first else { return nil }
        // The first of a table is a small one, to learn from.
        let size = Double(bytesPerUnit > 0 ? Self.chunkSize : Self.chunkSize / 4)
        guard table.key == nil else {
            let perRow = max(Double(table.bytes) / Double(max(table.rows, 1)), bytesPerUnit)
            let rows = max(1, Int(size / perRow))
            return TableChunk(
                number: number, table: table, stretch: .keys(key, nil), rows: rows,
                expectedBytes: Int(perRow * Double(rows)))
        }
        let blocks = max(table.blocks, 1)
        let perBlock = max(Double(table.bytes) / Double(blocks), bytesPerUnit)
        let length = max(1, Int64(size / perBlock))
        let end = block + length + length / 4 >= blocks ? nil : block + length
        let chunk = TableChunk(
            number: number, table: table, stretch: .blocks(block, end), rows: nil,
            expectedBytes: Int(perBlock * Double((end ?? blocks) - block)))
        if let end { block = end }
        advance(isLast: end == nil)
        return chunk
    }

    /// Says where the next chunk ends.
    ///
    /// - Parameter end: The first key behind it; nil: it is the last of its table.
    /// - Throws: ``MigrationError`` if that is not behind its first key.
    mutating func close(_ chunk: TableChunk, at end: TableKey?) throws -> TableChunk {
        if let end, let key, end <= key {
            throw MigrationError(
                .failed, "The server did not list the keys of \(chunk.table.table) in their order.",
                next: "Check its indexes (amcheck), then run the same command again.")
        }
        var chunk = chunk
        chunk.stretch = .keys(key, end)
        key = end
        advance(isLast: end == nil)
        return chunk
    }

    private mutating func advance(isLast: Bool) {
        number += 1
        if isLast { (rest, block, key, bytesPerUnit) = (rest.dropFirst(), 0, nil, 0) }
    }

    /// Learns from what a chunk has given.
    mutating func note(_ bytes: Int, of chunk: TableChunk) {
        guard !chunk.isLast, chunk.table == rest.first else { return }
        let units: Int64? =
            switch chunk.stretch {
            case .blocks(let start, let end): end.map { $0 - start }
            case .keys: chunk.rows.map { Int64($0) }
            }
        if let units { bytesPerUnit = max(bytesPerUnit, Double(bytes) / Double(units)) }
    }
}
