/// Which pieces of what is built on a dump's rows may be built now: the largest tables first, and never two at once that
/// would wait for each other's locks. So none of them can be in a deadlock with another.
///
/// A session and a transaction cost more than an index of a few rows: pieces of small tables share them.
struct PieceSchedule: Sendable {
    private var waiting: [PostData.Piece]
    /// How many are building on a table; who has it alone counts as ``alone``.
    private var locks: [TableName: Int] = [:]
    private static let alone = 1 << 20
    private let sizes: [TableName: Int64]
    /// Bytes of a table, and of tables and pieces that share a transaction.
    private static let small: Int64 = 4 << 20
    private static let shared: (bytes: Int64, pieces: Int) = (16 << 20, 64)

    /// - Parameters:
    ///   - pieces: In the order of the dump.
    ///   - sizes: Bytes of tables.
    init(_ pieces: [PostData.Piece], sizes: [TableName: Int64]) {
        self.sizes = sizes
        // The sort is stable: pieces of one table stay in the order of the dump.
        waiting = pieces.map { ($0, Self.size($0, sizes)) }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    /// The next that may be built beside those that are, in one transaction; none, for now or at all.
    mutating func next() -> [PostData.Piece] {
        var pieces: [PostData.Piece] = []
        var bytes: Int64 = 0
        while pieces.count < Self.shared.pieces, let index = waiting.firstIndex(where: isFree) {
            let size = Self.size(waiting[index], sizes)
            if !pieces.isEmpty, size > Self.small || bytes + size > Self.shared.bytes { break }
            let piece = waiting.remove(at: index)
            for table in piece.tables { locks[table, default: 0] += weight(piece) }
            pieces.append(piece)
            bytes += size
            if size > Self.small { break }
        }
        return pieces.sorted { $0.number < $1.number }
    }

    /// The pieces are built.
    mutating func finish(_ pieces: [PostData.Piece]) {
        for piece in pieces { for table in piece.tables { locks[table, default: 0] -= weight(piece) } }
    }

    private static func size(_ piece: PostData.Piece, _ sizes: [TableName: Int64]) -> Int64 {
        piece.tables.map { sizes[$0] ?? 0 }.max() ?? 0
    }

    private func weight(_ piece: PostData.Piece) -> Int { piece.locksAlone ? Self.alone : 1 }

    private func isFree(_ piece: PostData.Piece) -> Bool {
        piece.tables.allSatisfy { table in
            let count = locks[table] ?? 0
            return piece.locksAlone ? count == 0 : count < Self.alone
        }
    }
}
