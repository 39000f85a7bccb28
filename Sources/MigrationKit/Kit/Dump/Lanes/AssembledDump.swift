internal import NIOCore

/// One dump, put together of what pg_dump writes of the schema, what lanes read, and what pg_dump writes of the rest.
actor AssembledDump {
    private enum Stage { case schema, rows, rest, end }

    private let schema: ByteStream
    private let rows: ChunkedRows
    private let rest: ByteStream.AsyncIterator
    private var stage = Stage.schema
    private var ready: ArraySlice<ByteBuffer> = []
    /// Of the schema's dump: it answers the `\restrict` at the head.
    private var trailer = ByteBuffer()
    /// What has come of the rest with its head.
    private var begun = ByteBuffer()

    /// - Parameters:
    ///   - schema: All that pg_dump writes of it.
    ///   - rows: Those that lanes read.
    ///   - rest: What pg_dump writes of it, without the trailer.
    init(schema: ByteStream, rows: ChunkedRows, rest: ByteStream) {
        self.schema = schema
        self.rows = rows
        self.rest = rest.makeAsyncIterator()
    }

    nonisolated var stream: ByteStream { ByteStream { try await self.next() } }

    private func next() async throws -> ByteBuffer? {
        while true {
            while let chunk = ready.popFirst() { if chunk.readableBytes > 0 { return chunk } }
            switch stage {
            case .schema: try await begin()
            case .rows:
                // Nothing of what was taken before is to be held still.
                ready = []
                if let pieces = try await rows.take() {
                    ready = pieces[...]
                } else {
                    (ready, stage) = ([begun], .rest)
                    begun = ByteBuffer()
                }
            case .rest:
                if let chunk = try await rest.next() { ready = [chunk] } else { (ready, stage) = ([trailer], .end) }
            case .end: return nil
            }
        }
    }

    /// Settings, the DROPs of indexes and keys, those of tables, tables: as one pg_dump has them.
    private func begin() async throws {
        let all = try await schema.collected { _ in }
        var end = DumpTail()
        var text = ByteBuffer()
        for piece in end.pass(all) { text.writeImmutableBuffer(piece) }
        let (last, trailer) = try end.finish()
        text.writeImmutableBuffer(last)
        self.trailer = trailer
        let indexes = try await restHead()
        guard let tables = try DumpHead(text, isAll: true),
            tables.comparableSettings == indexes.comparableSettings
        else { throw MigrationError.tornDump("pg_dump wrote the sections of one dump with different settings.") }
        ready = [tables.settings, indexes.drops, tables.drops, tables.rest]
        begun = indexes.rest
        stage = .rows
    }

    private func restHead() async throws -> DumpHead {
        var bytes = ByteBuffer()
        while let chunk = try await rest.next() {
            bytes.writeImmutableBuffer(chunk)
            if let head = try DumpHead(bytes, isAll: false) { return head }
        }
        guard let head = try DumpHead(bytes, isAll: true) else { throw DumpFrame.missingTrailer }
        return head
    }
}
