/// Takes what ``DumpScanner`` finds, in order. Every byte of the dump is in exactly one call, so a visitor that writes
/// down all it is given has written the dump.
///
/// The bytes are valid during the call only.
protocol DumpVisitor {
    /// White space and comments between statements, in as many pieces as the chunks made of it.
    mutating func gap(_ bytes: UnsafeRawBufferPointer)

    /// A whole statement, from its first token to its `;`.
    ///
    /// - Returns: Whether rows of COPY data begin on the next line.
    mutating func statement(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition) -> Bool

    /// The first ``DumpScanner/statementLimit`` bytes of a statement that is longer than that.
    mutating func longStatement(head: UnsafeRawBufferPointer, at position: DumpPosition)
    /// More of the long statement.
    mutating func longStatementTail(_ bytes: UnsafeRawBufferPointer)
    /// The long statement's `;` was the last byte of the tail.
    mutating func longStatementEnd()

    /// A backslash command of psql, without its line end. `inStatement`: SQL stands before it on an unfinished statement.
    mutating func metaCommand(_ bytes: UnsafeRawBufferPointer, at position: DumpPosition, inStatement: Bool)

    /// Something that psql and the server do not read alike, so that one of them would see other statements than these.
    /// pg_dump writes nothing of the kind.
    mutating func ambiguity(at position: DumpPosition)

    /// Bytes of COPY data as they stand, rows, line ends and the closing `\.` line included.
    mutating func copyData(_ bytes: UnsafeRawBufferPointer)
    /// One whole row of COPY text, without its line end, and how many tabs are in it.
    mutating func row(_ bytes: UnsafeRawBufferPointer, tabs: Int)
    /// A piece of a row that the chunk's end has cut.
    mutating func rowFragment(_ bytes: UnsafeRawBufferPointer, tabs: Int)
    /// The row whose fragments came is complete.
    mutating func rowEnd()
    /// The fragments were the closing `\.` and no row.
    mutating func rowAbandoned()
    /// The `\.` line has come.
    mutating func copyEnd()
}
