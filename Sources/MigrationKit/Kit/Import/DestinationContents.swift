/// What a server holds after an import.
public struct DestinationContents: Sendable {
    /// Tables that were asked for and are there, as they are.
    public var tables: [TableContents]
    /// Sequences that were asked for and are there.
    public var sequences: [SequenceState]
    /// Tables that nobody asked for, extensions' own left out.
    public var unexpectedTables: [TableName]
    /// Indexes that were not built to their end: queries do not use them.
    public var invalidIndexes: [String]
    /// Extensions that are there.
    public var extensions: Set<String>

    /// A server's contents; see the properties.
    public init(
        tables: [TableContents], sequences: [SequenceState], unexpectedTables: [TableName] = [],
        invalidIndexes: [String] = [], extensions: Set<String>
    ) {
        (self.tables, self.sequences) = (tables, sequences)
        (self.unexpectedTables, self.invalidIndexes) = (unexpectedTables, invalidIndexes)
        self.extensions = extensions
    }
}
