internal import NIOCore

/// Puts a dump's stream through a ``DumpPass``: a stream of rewritten bytes, and the report once it has ended.
actor PassRunner {
    private var pass: DumpPass
    private let name: String
    private let refuses: Bool
    private let check: @Sendable (DumpReport) throws -> Void
    private let onEvent: MigrationEventHandler
    private var report: DumpReport?

    /// - Parameters:
    ///   - profile: What the destination cannot take.
    ///   - name: The dump, for events and errors.
    ///   - refuses: Whether what cannot be imported ends the stream with a throw, before the chunk that holds it is
    ///     handed on: psql must never see it. If not, the report tells of it.
    ///   - check: Looks at the report before the stream ends; the stream throws what it throws.
    init(
        profile: RewriteProfile, name: String, refuses: Bool, onEvent: @escaping MigrationEventHandler,
        check: @escaping @Sendable (DumpReport) throws -> Void = { _ in }
    ) {
        pass = DumpPass(profile: profile)
        self.name = name
        self.refuses = refuses
        self.check = check
        self.onEvent = onEvent
    }

    /// The rewritten bytes. Ends only if the dump is whole and `check` agrees.
    nonisolated func stream(_ dump: ByteStream) -> ByteStream {
        let iterator = dump.makeAsyncIterator()
        return ByteStream {
            while let chunk = try await iterator.next() {
                let output = try await self.transform(chunk)
                if output.readableBytes > 0 { return output }
            }
            let rest = try await self.finish()
            return rest.readableBytes > 0 ? rest : nil
        }
    }

    /// Gives a stretch of the rewritten bytes that the stream has given before, from the dump's file.
    nonisolated func again(_ reader: FileReader) -> @Sendable (Range<Int64>) async throws -> ByteStream {
        { range in RewrittenFile(reader: reader, insertions: await self.pass.insertions).stream(range) }
    }

    /// What the dump holds, once its stream has ended.
    func finishedReport() throws -> DumpReport {
        guard let report else { throw DumpFrame.missingTrailer }
        return report
    }

    private func transform(_ chunk: ByteBuffer) throws -> ByteBuffer {
        var output = ByteBuffer()
        try pass.transform(chunk, into: &output)
        try refuse(pass.refusals)
        onEvent(.advanced(name, bytes: pass.bytesRead, detail: passing))
        return output
    }

    /// What is passing: pg_dump writes the schema, the rows of all tables, then what is built on them.
    private var passing: String {
        pass.currentTable?.description ?? (pass.tablesDone == 0 ? "schema" : "indexes and constraints")
    }

    private func refuse(_ refusals: [Refusal]) throws {
        if refuses, !refusals.isEmpty { throw Refusal.error(refusals, in: name) }
    }

    private func finish() throws -> ByteBuffer {
        var output = ByteBuffer()
        guard report == nil else { return output }
        let report = try pass.finish(into: &output)
        try refuse(report.refusals)
        try check(report)
        self.report = report
        return output
    }
}
