/// Which pieces of what is built on a dump's rows may be built now: the largest tables first, and never two that would
/// wait for each other's locks. So none of them can be in a deadlock with another.
struct PieceSchedule: Sendable {
    private var waiting: [PostData.Piece]
    /// How many are building on a table; who has it alone counts as ``alone``.
    private var locks: [TableName: Int] = [:]
    private static let alone = 1 << 20

    /// - Parameters:
    ///   - pieces: In the order of the dump.
    ///   - sizes: Bytes of tables.
    init(_ pieces: [PostData.Piece], sizes: [TableName: Int64]) {
        func size(_ piece: PostData.Piece) -> Int64 { piece.tables.map { sizes[$0] ?? 0 }.max() ?? 0 }
        // The sort is stable: pieces of one table stay in the order of the dump.
        waiting = pieces.sorted { size($0) > size($1) }
    }

    /// The next that may be built beside those that are; nil: none, for now or at all.
    mutating func next() -> PostData.Piece? {
        guard let index = waiting.firstIndex(where: isFree) else { return nil }
        let piece = waiting.remove(at: index)
        for table in piece.tables { locks[table, default: 0] += weight(piece) }
        return piece
    }

    /// The piece is built.
    mutating func finish(_ piece: PostData.Piece) {
        for table in piece.tables { locks[table, default: 0] -= weight(piece) }
    }

    private func weight(_ piece: PostData.Piece) -> Int { piece.locksAlone ? Self.alone : 1 }

    private func isFree(_ piece: PostData.Piece) -> Bool {
        piece.tables.allSatisfy { table in
            let count = locks[table] ?? 0
            return piece.locksAlone ? count == 0 : count < Self.alone
        }
    }
}
