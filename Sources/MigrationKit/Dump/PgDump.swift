/// Dumps a database with pg_dump, run here, in a Docker container or in a Kubernetes pod.
public struct PgDump: DatabaseDumper {
    /// Which database.
    public let database: Database
    /// The command it runs.
    public let command: DumpCommand
    /// How long pg_dump may print nothing before it is taken for hanging.
    public let stallLimit: Duration

    /// Names a database to dump.
    ///
    /// - Parameters:
    ///   - database: Which.
    ///   - transport: How it is reached.
    ///   - target: Where it is, and who may read it.
    ///   - stallLimit: How long pg_dump may print nothing; it waits that long for locks of others at the most.
    public init(
        _ database: Database, transport: DumpTransport, target: DatabaseTarget, stallLimit: Duration = .seconds(900)
    ) {
        self.database = database
        self.command = DumpCommand(transport: transport, target: target)
        self.stallLimit = stallLimit
    }

    /// Runs pg_dump.
    ///
    /// - Parameter body: Reads the dump.
    /// - Returns: What `body` returns.
    /// - Throws: ``MigrationError`` with pg_dump's own last lines if it did not end well.
    public func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value {
        try await withDump(writtenTo: nil, body)
    }

    /// The same, with the dump written to a file as it is read.
    func withDump<Value: Sendable>(
        writtenTo file: AtomicFile?, _ body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        try await command.dump.withOutput(writtenTo: file, stallLimit: stallLimit) { outcome in
            try command.check(
                outcome, doing: "The dump of \(database.rawValue)",
                next: "Mend what the lines above say, then run the same command again."
            )
        } body: { stream in
            try await body(stream.checkedForTrailer())
        }
    }
}
