internal import NIOCore

/// Puts a dump's stream through a ``DumpPass``: a stream of rewritten bytes, and the report once it has ended.
actor PassRunner {
    private var pass: DumpPass
    private let name: String
    private let refuses: Refusing
    /// What ends the stream with a throw, before the chunk that holds it is handed on.
    enum Refusing {
        /// Nothing: the report tells of it.
        case nothing
        /// Credentials of other servers: a store must never get them, not even in an upload that is given up.
        case credentials
        /// All that cannot be imported: psql must never see it.
        case all
    }

    private let check: @Sendable (DumpReport) throws -> Void
    private let onEvent: MigrationEventHandler
    private var report: DumpReport?
    /// The beginning of a statement that is not judged yet.
    private var held = ByteBuffer()

    /// - Parameters:
    ///   - profile: What the destination cannot take.
    ///   - name: The dump, for events and errors.
    ///   - refuses: What is not handed on.
    ///   - judgesOnly: Whether rows are left alone: they have been looked at before.
    ///   - check: Looks at the report before the stream ends; the stream throws what it throws.
    init(
        profile: RewriteProfile, name: String, refuses: Refusing, judgesOnly: Bool = false,
        onEvent: @escaping MigrationEventHandler,
        check: @escaping @Sendable (DumpReport) throws -> Void = { _ in }
    ) {
        pass = judgesOnly ? .judging(profile) : DumpPass(profile: profile)
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
    nonisolated func reread(_ reader: FileReader) -> @Sendable (Range<Int64>) async throws -> ByteStream {
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
        return release(output)
    }

    /// Bytes that are handed on as they come would be gone before their statement is judged, which happens after
    /// ``DumpScanner/statementLimit`` bytes of it at the latest.
    private func release(_ output: ByteBuffer) -> ByteBuffer {
        guard refuses == .credentials else { return output }
        if held.readableBytes == 0, !pass.isWithinStatement { return output }
        held.writeImmutableBuffer(output)
        if pass.isWithinStatement, held.readableBytes <= 2 * DumpScanner.statementLimit { return ByteBuffer() }
        defer { held = ByteBuffer() }
        return held
    }

    /// What is passing: pg_dump writes the schema, the rows of all tables, then what is built on them.
    private var passing: String {
        pass.currentTable?.description ?? (pass.tablesDone == 0 ? "schema" : "indexes and constraints")
    }

    private func refuse(_ refusals: [Refusal]) throws {
        let isOver = refuses == .all || (refuses == .credentials && pass.hasMetCredentials)
        if isOver, !refusals.isEmpty { throw Refusal.error(refusals, in: name) }
    }

    private func finish() throws -> ByteBuffer {
        var output = ByteBuffer()
        guard report == nil else { return output }
        let report = try pass.finish(into: &output)
        try refuse(report.refusals)
        try check(report)
        self.report = report
        held.writeImmutableBuffer(output)
        return held
    }
}
