internal import NIOCore

/// The rows of tables in the dump's order, whichever lane has read them first. So many chunks at most are read and not
/// taken: whoever reads slowly slows down the lanes.
actor ChunkedRows {
    private var plan: ChunkPlan
    private let window: Int
    /// Where lanes read into, so that rows take the memory of those that are gone.
    nonisolated let buffers = BufferPool()
    private var handedOut = 0
    private var taken = 0
    private var arrived: [Int: (chunk: TableChunk, rows: ByteBuffer)] = [:]
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
    func next() async throws -> TableChunk? {
        while failure == nil, handedOut - taken >= window { try await change() }
        try Task.checkCancellation()
        guard failure == nil, let chunk = plan.next() else { return nil }
        handedOut += 1
        return chunk
    }

    /// A lane has read a chunk.
    func give(_ rows: ByteBuffer, of chunk: TableChunk) {
        plan.note(rows.readableBytes, of: chunk)
        arrived[chunk.number] = (chunk, rows)
        wake()
    }

    /// A lane cannot go on.
    func fail(_ error: any Error) {
        failure = failure ?? error
        wake()
    }

    /// The next bytes of the dump, in pieces; nil behind the last. They are good until the next call.
    ///
    /// - Throws: What a lane has failed with.
    func take() async throws -> [ByteBuffer]? {
        release()
        while true {
            if let failure { throw failure }
            if let (chunk, rows) = arrived.removeValue(forKey: taken) {
                taken += 1
                wake()
                passing = rows
                return text(of: chunk, rows)
            }
            if plan.hasEnded, taken == handedOut { return nil }
            try await change()
        }
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
