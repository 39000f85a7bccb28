internal import NIOCore

/// The rows of tables in the dump's order, whichever lane has read them first. So many chunks at most are read and not
/// taken: whoever reads slowly slows down the lanes.
actor ChunkedRows {
    private var plan: ChunkPlan
    private let window: Int
    /// Where lanes read into, so that rows take the memory of those that are gone.
    nonisolated let buffers = BufferPool()
    private var handedOut = 0
    /// Whether a lane asks where its chunk ends: nobody knows where the next one begins.
    private var isAsking = false
    private var taken = 0
    private var arrived: [Int: (chunk: TableChunk, rows: ByteBuffer, tableRows: Int?)] = [:]
    /// How many rows were taken of the table that passes, if it is cut by its key.
    private var rowsOfTable = 0
    /// The rows that were taken last: whoever takes the next is done with them.
    private var passing = ByteBuffer()
    private var failure: (any Error)?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameter window: How many chunks may be read and not taken.
    init(_ plan: ChunkPlan, window: Int) {
        self.plan = plan
        self.window = window
    }

    /// The next chunk for a lane to read; nil: there are no more, or another lane has failed.
    ///
    /// - Parameter end: Asks the server for the first key behind a chunk; nil: the chunk is the last of its table.
    /// - Throws: What `end` throws: the chunk is the next one still.
    func next(endingAt end: @Sendable (TableChunk) async throws -> TableKey?) async throws -> TableChunk? {
        while failure == nil, isAsking || handedOut - taken >= window { try await change() }
        try Task.checkCancellation()
        guard failure == nil, let chunk = plan.next() else { return nil }
        guard chunk.rows != nil else {
            handedOut += 1
            return chunk
        }
        isAsking = true
        defer {
            isAsking = false
            wake()
        }
        let closed = try plan.close(chunk, at: try await end(chunk))
        handedOut += 1
        return closed
    }

    /// A lane has read a chunk.
    ///
    /// - Parameter tableRows: How many rows its table has, with the last chunk of one that is cut by its key.
    func give(_ rows: ByteBuffer, of chunk: TableChunk, tableRows: Int? = nil) {
        plan.note(rows.readableBytes, of: chunk)
        arrived[chunk.number] = (chunk, rows, tableRows)
        wake()
    }

    /// A lane cannot go on.
    func fail(_ error: any Error) {
        failure = failure ?? error
        wake()
    }

    /// The next bytes of the dump, in pieces; nil behind the last. They are good until the next call.
    ///
    /// - Throws: What a lane has failed with; ``MigrationError`` if an index did not lead to all rows of its table.
    func take() async throws -> [ByteBuffer]? {
        release()
        while true {
            if let failure { throw failure }
            if let (chunk, rows, tableRows) = arrived.removeValue(forKey: taken) {
                if chunk.table.key != nil { try count(rows, of: chunk, tableRows) }
                taken += 1
                wake()
                passing = rows
                return text(of: chunk, rows)
            }
            if plan.hasEnded, taken == handedOut { return nil }
            try await change()
        }
    }

    /// An index that is damaged may lead to less than what its table holds, and nobody else would see that.
    private func count(_ rows: ByteBuffer, of chunk: TableChunk, _ tableRows: Int?) throws {
        rowsOfTable += rows.withUnsafeReadableBytes(\.lineCount)
        guard chunk.isLast else { return }
        let table = chunk.table.table
        guard rowsOfTable == tableRows else {
            throw MigrationError(
                .failed,
                "\(table) has \(tableRows ?? 0) rows, and its index leads to \(rowsOfTable): the index is damaged.",
                next: "Rebuild it (REINDEX TABLE \(table.quoted)), then run the same command again.")
        }
        rowsOfTable = 0
    }

    private func release() {
        var rows = ByteBuffer()
        swap(&rows, &passing)
        buffers.give(rows)
    }

    /// In pieces that a processor's cache holds until all is done to them.
    private func text(of chunk: TableChunk, _ rows: ByteBuffer) -> [ByteBuffer] {
        (chunk.isFirst ? [ByteBuffer(string: chunk.table.head)] : []) + rows.pieces(of: ByteBuffer.chunkSize)
            + (chunk.isLast ? [ByteBuffer(string: SourceTable.tail)] : [])
    }

    private func change() async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append($0) }
        } onCancel: {
            Task { await self.wake() }
        }
        try Task.checkCancellation()
    }

    private func wake() {
        for one in waiting { one.resume() }
        waiting = []
    }
}
