/// Where a row stands in the order of a table's unique key of integers.
struct TableKey: Sendable, Hashable, Comparable {
    /// One for each column of the key.
    let values: [Int64]

    init(_ values: [Int64]) { self.values = values }

    /// - Parameters:
    ///   - line: A row as psql prints it, such as `7|-1`.
    ///   - count: How many columns the key has.
    /// - Returns: Nil for any other line.
    init?(_ line: some StringProtocol, count: Int) {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        values = fields.compactMap { Int64($0) }
        guard values.count == count, fields.count == count else { return nil }
    }

    /// As the server has it: by the first value that differs.
    static func < (a: TableKey, b: TableKey) -> Bool { a.values.lexicographicallyPrecedes(b.values) }

    /// For SQL, beside the key's columns in parentheses.
    var literal: String { "(\(values.map { "\($0)" }.joined(separator: ", ")))" }
}
