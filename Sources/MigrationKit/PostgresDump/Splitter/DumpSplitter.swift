package import NIOCore

/// Cuts a dump, rewritten for its destination, into parts that can be imported one after the other.
///
/// 1. `schema`: from the beginning to the first `COPY` or `setval`.
/// 2. `data`: these. A part ends with the row or the statement that has brought it to the wanted size.
/// 3. `indexes`: from the first other statement behind the first rows, whatever may follow, to the end.
///
/// `extensions` is told of behind the schema, since only then all of them are known, and is imported before it. It and
/// each of the three kinds are there, also where they hold nothing.
package struct DumpSplitter: Sendable {
    private var scanner = DumpScanner()
    private var writer: SplitWriter

    /// - Parameters:
    ///   - names: What the parts are called.
    ///   - size: How many bytes a part with rows has, and a little more; nil: ``cut()`` tells where it ends.
    package init(names: PartNames, size: Int64?) { writer = SplitWriter(names: names, size: size) }

    /// Extensions that the dump needs, so far.
    package var extensions: [RequiredExtension] { writer.facts.contents.extensions }

    /// Takes the next chunk.
    ///
    /// - Returns: What is known to be of which part.
    /// - Throws: ``MigrationError`` if the dump holds what cannot be split.
    package mutating func scan(_ chunk: ByteBuffer) throws -> [SplitPiece] {
        chunk.withUnsafeReadableBytes { scanner.scan($0, visitor: &writer) }
        return try writer.takePieces()
    }

    /// Cuts between two parts with rows.
    ///
    /// - Returns: False if this is no place for it: neither between statements nor between rows.
    mutating func cut() -> Bool {
        let isBetweenRows = scanner.mode == .copyData && scanner.rowLength == 0
        return (isBetweenRows || scanner.isBetweenStatements) && writer.cut()
    }

    /// The dump has ended.
    package mutating func finish() throws -> [SplitPiece] {
        scanner.finish(visitor: &writer)
        writer.finish()
        return try writer.takePieces()
    }
}
