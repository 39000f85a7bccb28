/// Rows of one table that are read at once.
struct TableChunk: Sendable, Hashable {
    /// Which rows.
    enum Stretch: Sendable, Hashable {
        /// Those from one block up to another; nil: to the table's end.
        case blocks(Int64, Int64?)
        /// Those from one key up to another; nil: from the first, or to the last.
        case keys(TableKey?, TableKey?)
    }

    /// Which in the order of the dump, from 0.
    let number: Int
    let table: SourceTable
    var stretch: Stretch
    /// How many rows it has, if that is how its end is found; it may have less, as the last of a table.
    let rows: Int?
    /// About how many bytes its rows have as text.
    let expectedBytes: Int

    var isFirst: Bool {
        switch stretch {
        case .blocks(let start, _): start == 0
        case .keys(let start, _): start == nil
        }
    }

    var isLast: Bool {
        switch stretch {
        case .blocks(_, let end): end == nil
        case .keys(_, let end): end == nil
        }
    }

    /// Its rows, for SQL.
    var source: String {
        let conditions =
            switch stretch {
            case .blocks(let start, let end):
                ["ctid >= '(\(start),0)'::tid"] + (end.map { ["ctid < '(\($0),0)'::tid"] } ?? [])
            case .keys(let start, let end):
                (start.map { ["(\(table.keyList)) >= \($0.literal)"] } ?? [])
                    + (end.map { ["(\(table.keyList)) < \($0.literal)"] } ?? [])
            }
        let range = conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
        return "FROM ONLY \(table.table.quoted)\(range)"
    }

    /// The key behind its last row, for SQL; no row: there is none behind it.
    var endQuery: String? {
        rows.map { "SELECT \(table.keyList) \(source) ORDER BY \(table.keyList) OFFSET \($0) LIMIT 1;" }
    }
}
