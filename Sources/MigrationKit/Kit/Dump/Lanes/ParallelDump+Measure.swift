internal import NIOCore

/// How fast a database can be read.
struct ReadingRate: Sendable {
    /// Bytes of text a second, of all connections together.
    let bytesPerSecond: Double
    /// Bytes of text for each that the server keeps.
    let bytesPerStoredByte: Double
}

extension ParallelDump {
    /// Reads rows for a while, and throws them away.
    ///
    /// - Returns: How fast that was; nil: there are no tables that lanes read.
    func measure(for time: Duration) async throws -> ReadingRate? {
        let tables = held.tables.sorted { $0.bytes > $1.bytes }
        guard !tables.isEmpty else { return nil }
        let checksum = try await source.containerChecksum { onEvent(.warning($0)) }
        let rows = ChunkedRows(ChunkPlan(tables), window: .max)
        let purpose = "Reading rows of \(database.rawValue)"
        let read = try await withThrowingTaskGroup(of: (text: Int, stored: Double, time: Duration).self) { group in
            for _ in 0..<lanes {
                group.addTask {
                    try await PsqlSession.with(source, for: purpose, lockTimeout: lockTimeout) { session in
                        try await session.join(held)
                        let start = ContinuousClock.now
                        var (text, stored) = (0, 0.0)
                        while ContinuousClock.now - start < time, let chunk = try await session.nextChunk(of: rows) {
                            let read = try await session.rows(of: chunk, checkedBy: checksum, in: rows.buffers)
                            text += read.readableBytes
                            rows.buffers.give(read)
                            stored += chunk.storedBytes
                        }
                        return (text, stored, ContinuousClock.now - start)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let (text, stored) = (read.reduce(0) { $0 + $1.text }, read.reduce(0) { $0 + $1.stored })
        let longest = read.map(\.time).max() ?? .zero
        guard text > 0, longest > .zero else { return nil }
        return ReadingRate(
            bytesPerSecond: Double(text) / (longest / .seconds(1)), bytesPerStoredByte: Double(text) / max(stored, 1))
    }
}

extension TableChunk {
    /// About how many bytes the server keeps of its rows.
    fileprivate var storedBytes: Double {
        switch stretch {
        case .blocks(let start, let end):
            let blocks = max(table.blocks, 1)
            return Double(table.bytes) * Double(min(end ?? blocks, blocks) - start) / Double(blocks)
        case .keys: return Double(table.bytes) * min(1, Double(rows ?? 0) / Double(max(table.rows, 1)))
        }
    }
}
