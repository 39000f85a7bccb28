internal import NIOCore

/// Dumps a database on several connections at once, under one snapshot.
///
/// ```
/// pg_dump --section=pre-data             ─▶ settings, DROPs, tables ─┐
/// lanes: COPY of stretches of large tables ─▶ their rows, in order  ─┼─▶ one dump, as pg_dump would write it
/// pg_dump --section=data,post-data       ─▶ all other rows, indexes ─┘
/// ```
/// Whoever loses its connection begins again while the snapshot is held: lanes read a chunk again, pg_dump its sections.
///
/// pg_dump remains the authority for all that is schema, and for tables that are small or more than an ordinary heap. What
/// comes out is a plain dump that differs from that of one pg_dump in the order of its tables and, where they are cut by
/// a key, of their rows.
struct ParallelDump: DatabaseDumper {
    let source: PgDump
    let held: HeldSnapshot
    /// How many connections read rows of this database at the most.
    let lanes: Int
    /// Shared by all databases: so many read at once.
    let turns: Turns
    let lockTimeout: Duration
    let onEvent: MigrationEventHandler

    var database: Database { source.database }

    /// How often in a row a lane tries a chunk, and pg_dump its sections.
    static let attempts = 3
    /// What pg_dump may be ahead of whoever reads.
    private static let restLimit = 16 << 20

    func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value {
        let checksum = try await source.containerChecksum { onEvent(.warning($0)) }
        let rows = ChunkedRows(ChunkPlan(held.tables), window: lanes)
        let schema = Handover(limit: .max)
        let rest = Handover(limit: Self.restLimit)
        let watch = WaitWatch()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await writeSchema(to: schema, checksum) }
            group.addTask { await writeRest(to: rest, checksum, watch) }
            for _ in 0..<(held.tables.isEmpty ? 0 : lanes) { group.addTask { await read(rows, checksum, watch) } }
            let dump = AssembledDump(schema: schema.stream, rows: rows, rest: rest.stream)
            return try await watch.telling {
                await tell($0, $1)
                return true
            } during: {
                try await body(watch.watching(dump.stream.checkedForTrailer()))
            }
        }
    }

    /// Says who is waited for.
    private func tell(_ side: WaitWatch.Side, _ time: Duration) async {
        let name = database.rawValue
        switch side {
        case .store:
            onEvent(
                .warning(
                    .init(
                        .bucketStalled,
                        "\(name): for \(Quantity.duration(time)) the bucket, or the way to it, has taken nothing.",
                        ["database": .init(name), "seconds": .init(time)])))
        case .source:
            let blockers = (try? await SessionBlockers(of: source))?.lines ?? []
            let lines = ["\(name): for \(Quantity.duration(time)) nothing has come from the server."] + blockers
            onEvent(
                .warning(
                    .init(
                        .sourceStalled, lines.joined(separator: "\n"),
                        ["database": .init(name), "seconds": .init(time), "blockers": .init(blockers)])))
        }
    }

    /// One lane: reads chunk after chunk on one connection, and on another if that is lost.
    private func read(_ rows: ChunkedRows, _ checksum: ContainerChecksum?, _ watch: WaitWatch) async {
        let purpose = "Reading rows of \(database.rawValue)"
        var unread: TableChunk?
        var failures = 0
        while true {
            do {
                return try await PsqlSession.with(source, for: purpose, lockTimeout: lockTimeout) { session in
                    try await session.join(held)
                    while true {
                        if unread == nil { unread = try await session.nextChunk(of: rows) }
                        guard let chunk = unread else { return }
                        let text = try await turns {
                            try await session.rows(
                                of: chunk, checkedBy: checksum, in: rows.buffers, onArrival: watch.noteArrival)
                        }
                        let isWhole = chunk.table.key != nil && chunk.isLast
                        let count = isWhole ? try await session.rowCount(of: chunk.table) : nil
                        await rows.give(text, of: chunk, tableRows: count)
                        (unread, failures) = (nil, 0)
                    }
                }
            } catch {
                failures += 1
                guard failures < Self.attempts, let error = error as? MigrationError, !error.isServerRefusal else {
                    return await rows.fail(await namingBlockers(in: naming(unread, in: error)))
                }
                let what = unread.map { "of \($0.table.table)" } ?? "again"
                onEvent(
                    .warning(
                        .init(
                            .rowsReadAgain, "\(error.message) Reading the rows \(what) on a new connection.",
                            [
                                "database": .init(database.rawValue), "reason": .init(error.message),
                                "table": .init(unread.map { "\($0.table.table)" }),
                            ])))
            }
        }
    }

    /// A server's error about rows does not name their table.
    private func naming(_ chunk: TableChunk?, in error: any Error) -> any Error {
        guard let chunk, var error = error as? MigrationError else { return error }
        error.details.append("table \(chunk.table.table)")
        return error
    }

    /// An ALTER that waits for the holder keeps all waiting that come after it.
    func namingBlockers(in error: any Error) async -> any Error {
        guard let error = error as? MigrationError else { return error }
        return await error.namingBlockers(of: source)
    }
}
