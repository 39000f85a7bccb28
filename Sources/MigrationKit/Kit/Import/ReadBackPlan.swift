/// What is read back of a database by each of several sessions: about as many bytes by each.
struct ReadBackPlan: Sendable {
    /// The tables, or stretches of them, that each session reads.
    private(set) var shares: [[ReadBackScript.Table]] = []

    /// A table and what it takes on the server.
    struct Sized: Sendable {
        var table: ReadBackScript.Table
        var bytes: Int64
        /// Its blocks, if stretches of it can be read; nil: it is read whole.
        var blocks: Int64?
    }

    /// A session is worth its start for as much as this.
    static let least: Int64 = 16 << 20

    /// Shares out the largest first, each to whoever has least so far. A table that is more than a session's share is cut.
    ///
    /// - Parameter sessions: How many read at the most.
    init(_ tables: [Sized], sessions: Int) {
        let total = Quantity.sum64(tables.map(\.bytes))
        let count = max(1, min(sessions, Int(total / Self.least) + 1))
        var loads = Array(repeating: (bytes: Int64(0), tables: [ReadBackScript.Table]()), count: count)
        let pieces = tables.flatMap { Self.cut($0, to: max(Self.least, total / Int64(count))) }
        for piece in pieces.sorted(by: { $0.bytes > $1.bytes }) {
            let least = loads.indices.min { loads[$0].bytes < loads[$1].bytes } ?? 0
            loads[least].bytes += piece.bytes
            loads[least].tables.append(piece.table)
        }
        shares = loads.map(\.tables)
    }

    private static func cut(_ sized: Sized, to bytes: Int64) -> [Sized] {
        let hasColumns = !sized.table.contents.columns.isEmpty
        guard let blocks = sized.blocks, sized.bytes > bytes, hasColumns else { return [sized] }
        let count = min(blocks, (sized.bytes + bytes - 1) / bytes)
        return (0..<count).map { number in
            var piece = sized
            piece.bytes = sized.bytes / count
            // The last goes on to wherever the table ends by then.
            piece.table.blocks = .init(
                start: blocks * number / count, end: number + 1 < count ? blocks * (number + 1) / count : nil)
            return piece
        }
    }
}
