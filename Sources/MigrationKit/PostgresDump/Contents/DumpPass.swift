import MigrationKitCLibrary
public import NIOCore

/// The one pass over a dump: scans it, rewrites it for the destination, and gathers what it holds.
///
/// A value without I/O; memory does not grow with the dump.
public struct DumpPass: Sendable {
    private var scanner = DumpScanner()
    private var rewriter: DumpRewriter
    private var frame = DumpFrame()
    private var firstNull: DumpPosition?
    private var crc = CRC32C()

    /// Begins a pass.
    ///
    /// - Parameter profile: What the destination cannot take.
    public init(profile: RewriteProfile) {
        rewriter = DumpRewriter(profile: profile)
    }

    /// Begins a pass over what was passed before: it judges statements, and leaves the rows alone. Its report tells of
    /// none, and a part of a dump, where a table may begin in its middle, is as good as a whole one.
    package static func judging(_ profile: RewriteProfile) -> DumpPass {
        var pass = DumpPass(profile: profile)
        pass.rewriter.judgesOnly = true
        return pass
    }

    /// Bytes of the dump that have passed.
    public var bytesRead: Int64 { scanner.offset }
    private var bytesWritten: Int64 = 0
    /// What the rewritten bytes so far hold beside those of the dump.
    package var insertions: [Insertion] { rewriter.insertions }
    /// The table whose rows are passing.
    public var currentTable: TableName? { rewriter.facts.currentTable }
    /// Tables that have passed whole.
    public var tablesDone: Int { rewriter.facts.contents.tables.count }
    /// What the destination would not import, so far.
    public var refusals: [Refusal] {
        guard let firstNull else { return rewriter.refusals }
        let reason =
            "A NUL byte, which a text dump cannot contain: the file is damaged. Dump again, and check the disk."
        return [Refusal(reason: reason, position: firstNull, statement: "\\0")] + rewriter.refusals
    }

    /// Whether what has passed so far ends in the middle of a statement that is not judged yet.
    package var isWithinStatement: Bool { !scanner.isBetweenStatements && currentTable == nil }
    /// Whether a statement that has passed holds credentials of another server.
    package var hasMetCredentials: Bool { rewriter.hasMetCredentials }

    /// Takes the next chunk.
    ///
    /// - Parameters:
    ///   - chunk: Bytes of the dump that follow those of the last call.
    ///   - output: The rewritten bytes are appended to it.
    /// - Throws: ``MigrationError`` if the head shows that this is no plain dump by pg_dump, or a row has other columns
    ///   than its COPY names.
    public mutating func transform(_ chunk: ByteBuffer, into output: inout ByteBuffer) throws {
        rewriter.outputStart = bytesWritten - Int64(output.readableBytes)
        if rewriter.profile == .none {
            // What comes out is what went in: shared, not copied.
            if output.readableBytes == 0 { output = chunk } else { output.writeImmutableBuffer(chunk) }
        }
        swap(&output, &rewriter.output)
        defer { swap(&output, &rewriter.output) }
        defer { bytesWritten = rewriter.outputStart + Int64(rewriter.output.readableBytes) }
        if rewriter.profile != .none {
            rewriter.output.reserveCapacity(minimumWritableBytes: chunk.readableBytes + 4096)
        }
        try chunk.withUnsafeReadableBytes { bytes in
            try frame.add(bytes)
            crc.update(bytes)
            noteNull(bytes)
            scanner.scan(bytes, visitor: &rewriter)
        }
        if let row = rewriter.facts.columns.firstWrongRow { throw row.error }
    }

    /// The dump has ended: checks that it is whole.
    ///
    /// - Parameter output: What is left of the rewritten bytes is appended to it.
    /// - Returns: What the dump holds, and what speaks against importing it.
    /// - Throws: ``MigrationError`` if the dump is torn: a COPY, statement or quote is open, the trailer is missing or
    ///   `\restrict` is not answered.
    public mutating func finish(into output: inout ByteBuffer) throws -> DumpReport {
        try frame.checkHead()
        let isBetweenStatements = scanner.isBetweenStatements
        swap(&output, &rewriter.output)
        rewriter.outputStart = bytesWritten - Int64(rewriter.output.readableBytes)
        scanner.finish(visitor: &rewriter)
        swap(&output, &rewriter.output)
        guard isBetweenStatements || scanner.isBetweenStatements else {
            let table = currentTable.map { " of table \($0)" } ?? ""
            throw MigrationError.tornDump(
                "The dump ends in the middle of \(scanner.openConstruct)\(table), at line \(scanner.line)."
            )
        }
        try frame.checkTail()
        guard rewriter.restrictKey == nil else {
            throw MigrationError.tornDump(#"The dump ends without the \unrestrict that closes it."#)
        }
        var contents = rewriter.facts.contents
        (contents.serverVersion, contents.pgDumpVersion) = frame.versions
        contents.gaps = rewriter.facts.gaps
        return DumpReport(
            contents: contents, refusals: refusals, tableInForeignZone: rewriter.facts.zones.foreignTable,
            bytes: scanner.offset, crc32c: crc.value
        )
    }

    /// A text dump holds no NUL. It passes unaltered, but psql would cut the line there without a word.
    private mutating func noteNull(_ bytes: UnsafeRawBufferPointer) {
        guard firstNull == nil, let base = bytes.baseAddress, let found = memchr(base, 0, bytes.count) else { return }
        let index = UnsafeRawPointer(found) - base
        let line = scanner.line + bytes.prefix(index).count { $0 == .lineFeed }
        firstNull = DumpPosition(offset: scanner.offset + Int64(index), line: line)
    }
}

/// What a pass found.
public struct DumpReport: Sendable {
    /// What the dump holds.
    public var contents: DumpContents
    /// What the destination would not import. A dump with any is not uploaded.
    public var refusals: [Refusal]
    /// A table whose times are not in UTC: the dump can be imported, but not be compared with what was imported.
    public var tableInForeignZone: TableName?
    /// Bytes of the dump, before rewriting.
    public var bytes: Int64
    /// CRC32C of those bytes.
    public var crc32c: UInt32
}
