import MigrationKitCLibrary
internal import NIOCore

extension PsqlSession {
    /// Takes part in a snapshot, with the locks that keep its tables as they are.
    func join(_ held: HeldSnapshot) async throws {
        _ = try await ask(
            """
            BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '\(held.id)';
            \(held.locks)
            \(held.tables.contains { $0.key != nil } ? Self.byKey : "")
            """)
    }

    /// A stretch of a key is a small part of its table, whatever the server estimates.
    private static let byKey = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"

    /// The next chunk to read, with its end.
    func nextChunk(of rows: ChunkedRows) async throws -> TableChunk? {
        try await rows.next { try await end(of: $0) }
    }

    /// The first key behind a chunk; nil: it is the last of its table.
    private func end(of chunk: TableChunk) async throws -> TableKey? {
        guard let query = chunk.endQuery else { return nil }
        let answer = try await ask(query)
        guard let line = answer.split(separator: "\n").first else { return nil }
        guard let key = TableKey(line, count: chunk.table.key?.count ?? 0) else {
            throw MigrationError(
                .failed,
                "The server answered `\(String(line.prefix(200)).printable)` for a key of \(chunk.table.table).",
                next: "Run the same command again.")
        }
        return key
    }

    /// How many rows a table has, whatever its indexes say.
    func rowCount(of table: SourceTable) async throws -> Int {
        let answer = try await ask(
            """
            SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off;
            SELECT count(*) FROM ONLY \(table.table.quoted);
            SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on;
            """)
        guard let count = Int(answer.split(separator: "\n").first ?? "") else {
            throw MigrationError(
                .failed,
                "The server answered `\(String(answer.prefix(200)).printable)` for the rows of \(table.table).",
                next: "Run the same command again.")
        }
        return count
    }

    /// Reads a chunk.
    ///
    /// - Parameters:
    ///   - checksum: Takes the checksum of the rows where psql runs; nil: psql's output comes by no container.
    ///   - buffers: Where the rows are to be.
    ///   - onArrival: Is called for all that comes.
    /// - Returns: Its rows, as a dump has them.
    /// - Throws: ``MigrationError`` if what has arrived is not what was read: by the server's own count, and by the
    ///   checksum.
    func rows(
        of chunk: TableChunk, checkedBy checksum: ContainerChecksum?, in buffers: BufferPool,
        onArrival: () -> Void = {}
    ) async throws -> ByteBuffer {
        let token = Self.token()
        let select = "SELECT \(chunk.table.columnList) \(chunk.source)"
        let copy =
            checksum.map { "\\copy (\(select)) to program '\($0.afterRows)'" } ?? "COPY (\(select)) TO STDOUT;"
        let count = "SELECT '\(token)|' || count(*) \(chunk.source);"
        let (text, rest) = try await answer(
            to: "\(copy)\n\(count)\n", endingWith: token, expecting: chunk.expectedBytes, in: buffers,
            onArrival: onArrival)
        var rows = text
        if let checksum { try checksum.cutAndCompare(&rows, of: "\(chunk.table.table)") }
        let arrived = rows.withUnsafeReadableBytes(\.lineCount)
        guard rest == "|\(arrived)" else {
            throw MigrationError.tornDump(
                "Rows of \(chunk.table.table) did not arrive as the server sent them: \(arrived) arrived, and it "
                    + "counted \(String(rest.dropFirst()).printable).")
        }
        return rows
    }
}

extension ContainerChecksum {
    /// A line of shell that hands rows on as they are, and prints their checksum after them.
    fileprivate var afterRows: String { "exec 3>&1; tee /dev/fd/3 | \(rawValue)" }

    /// Cuts the checksum off behind rows, and compares it with theirs.
    fileprivate func cutAndCompare(_ answer: inout ByteBuffer, of table: String) throws {
        let view = answer.readableBytesView
        let line = view.dropLast().lastIndex(of: .lineFeed).map { $0 + 1 } ?? view.startIndex
        let told = String(decoding: view[line...], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        answer.moveWriterIndex(to: answer.readerIndex + line - view.startIndex)
        let isSame =
            switch self {
            case .cksum:
                answer.withUnsafeReadableBytes { bytes in
                    var sum = PosixChecksum()
                    sum.update(bytes)
                    return told == ["\(sum.value)", "\(sum.size)"]
                }
            case .sha256sum:
                answer.withUnsafeReadableBytes { bytes in
                    var sum = StreamChecksum()
                    sum.update(bytes)
                    return told.first.map(String.init) == sum.sha256
                }
            }
        guard isSame else {
            throw MigrationError.tornDump(
                "Rows of \(table) did not arrive as psql wrote them in the container: the checksums differ.")
        }
    }
}

extension UnsafeRawBufferPointer {
    /// How many lines end in it.
    var lineCount: Int {
        guard var start = baseAddress else { return 0 }
        let end = start + count
        var lines = 0
        while let found = memchr(start, Int32(UInt8.lineFeed), end - start) {
            lines += 1
            start = UnsafeRawPointer(found) + 1
        }
        return lines
    }
}
