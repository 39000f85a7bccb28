/// Rows in columns, for the end of a run.
package struct TextTable: Sendable {
    private var rows: [[String]]
    private let rightAligned: Set<Int>

    /// Makes a table.
    ///
    /// - Parameters:
    ///   - header: The columns' names.
    ///   - rightAligned: Columns of numbers, counted from 0.
    package init(_ header: [String], rightAligned: Set<Int> = []) {
        rows = [header]
        self.rightAligned = rightAligned
    }

    /// Adds a row.
    package mutating func add(_ row: [String]) { rows.append(row.map(\.printable)) }

    /// The table as lines.
    package var text: String {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return rightAligned.contains(column) ? padding + cell : cell + padding
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
