/// Holds what a server holds against what was dumped: every table's rows and content digest, every sequence.
public struct ContentProof: Sendable, Codable {
    /// Which database.
    public var database: Database
    /// The tables of the dump, in its order.
    public var tables: [Table]
    /// What is wrong beside the tables' rows, a sentence each.
    public var otherDifferences: [String]
    /// Only rows were counted, because the snapshot has no manifest made where it was dumped.
    public var countsOnly: Bool

    /// One table.
    public struct Table: Sendable, Codable {
        /// The table.
        public var table: TableName
        /// Rows in the dump.
        public var dumped: Int
        /// Rows on the server; nil: no such table, or not with these columns.
        public var imported: Int?
        /// Whether the content is the same.
        public var isEqual: Bool

        /// What is wrong with it; nil: nothing.
        public var difference: String? {
            guard !isEqual else { return nil }
            guard let imported else { return "\(table) is missing or has different columns." }
            return imported == dumped
                ? "\(table) has the dumped number of rows, \(Quantity.count(dumped)), but different content."
                : "\(table) has \(Quantity.count(imported)) rows; \(Quantity.count(dumped)) were dumped."
        }
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - database: Which database.
    ///   - dumped: What was dumped.
    ///   - imported: What the server holds.
    ///   - countsOnly: Whether digests are left out.
    public init(database: Database, dumped: DumpContents, imported: DestinationContents, countsOnly: Bool) {
        self.database = database
        self.countsOnly = countsOnly
        let found = Dictionary(imported.tables.map { ($0.table, $0) }) { first, _ in first }
        tables = dumped.tables.map { expected in
            let actual = found[expected.table]
            let isEqual = actual?.rows == expected.rows && (countsOnly || actual?.digest == expected.digest)
            return Table(table: expected.table, dumped: expected.rows, imported: actual?.rows, isEqual: isEqual)
        }
        // Nobody knows how many rows they had; somebody has agreed to that.
        let unknown = Set(dumped.gaps?.tablesWithoutRows ?? [])
        let unexpected = imported.unexpectedTables.filter { !unknown.contains($0) }
        otherDifferences = unexpected.map { "\($0) is on the server, but not in the dump." }
        otherDifferences += imported.invalidIndexes.map { "The index \($0.printable) is not valid." }
        otherDifferences += dumped.extensions.filter { !imported.extensions.contains($0.name) }
            .map { "The extension \($0.name) is missing." }
        for expected in dumped.sequences {
            let actual = imported.sequences.first { $0.sequence == expected.sequence }
            guard actual != expected else { continue }
            let state = actual.map { "is at \($0.position)" } ?? "is missing"
            otherDifferences.append("The sequence \(expected.sequence) \(state); \(expected.position) was dumped.")
        }
    }

    /// All that differs, a sentence each.
    public var differences: [String] { tables.compactMap(\.difference) + otherDifferences }

    /// Whether nothing differs.
    public var isEqual: Bool { differences.isEmpty }

    /// `312 of 312 tables equal, 1,234,567 rows dumped`.
    public var summary: String {
        "\(tables.count { $0.isEqual }) of \(tables.count) tables equal, \(Quantity.count(rows)) rows dumped"
    }

    /// Rows of all tables.
    public var rows: Int { Quantity.sum(tables.map(\.dumped)) }
}

extension SequenceState {
    fileprivate var position: String { isCalled ? "\(lastValue)" : "\(lastValue) (not used yet)" }
}
