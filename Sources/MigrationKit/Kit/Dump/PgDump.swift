internal import Logging

/// Dumps a database with pg_dump, run here, in a Docker container or in a Kubernetes pod.
public struct PgDump: DatabaseDumper {
    /// Which database.
    public let database: Database
    /// The command it runs.
    package let command: DumpCommand
    /// How long pg_dump may print nothing before it is taken for hanging.
    public let stallLimit: Duration
    /// What it writes of the database.
    var portion = DumpPortion.all

    /// Names a database to dump.
    ///
    /// - Parameters:
    ///   - database: Which.
    ///   - transport: How it is reached; else pg_dump runs on this machine.
    ///   - target: Where it is, and who may read it.
    ///   - stallLimit: How long pg_dump may print nothing; it waits that long for locks of others at the most.
    public init(
        _ database: Database, transport: DumpTransport = .pgDump, target: DatabaseTarget,
        stallLimit: Duration = .seconds(900)
    ) {
        self.database = database
        self.command = DumpCommand(transport: transport, target: target)
        self.stallLimit = stallLimit
    }

    /// Runs pg_dump.
    ///
    /// - Parameter body: Reads the dump.
    /// - Returns: What `body` returns.
    /// - Throws: ``MigrationError`` with pg_dump's own last lines if it did not end well, or if what came out of a
    ///   container is not what pg_dump wrote in it.
    public func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value {
        try await withDump(writtenTo: nil, onNotice: { Logger(label: "MigrationKit").warning("\($0.text)") }, body)
    }

    /// The same, with the dump written to a file as it is read.
    ///
    /// - Parameter onNotice: Is told what cannot be checked.
    func withDump<Value: Sendable>(
        writtenTo file: AtomicFile?, onNotice: (MigrationNotice) -> Void, _ body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        try await withDump(writtenTo: file, checkedBy: try await containerChecksum(onNotice), body)
    }

    /// The same, where it is known already what takes a checksum in the container.
    func withDump<Value: Sendable>(
        writtenTo file: AtomicFile? = nil, checkedBy checksum: ContainerChecksum?,
        _ body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        let what = "The dump of \(database.rawValue)"
        let arrived = checksum.map(ArrivedDump.init)
        let dump = command.dump(portion, checkedBy: checksum)
        return try await dump.withOutput(writtenTo: file, stallLimit: stallLimit) { outcome in
            try command.check(
                outcome, doing: what,
                next: SourceEncoding.remedy(for: outcome)
                    ?? "Fix the errors above, then run the same command again."
            )
            arrived?.note(outcome.lastLines)
        } body: { stream in
            let whole = stream.checkedForTrailer()
            return try await body(arrived?.watching(whole, what) ?? whole)
        }
    }

    /// The program that can take a checksum in the container; nil: there is none, or no container.
    func containerChecksum(_ onNotice: (MigrationNotice) -> Void) async throws -> ContainerChecksum? {
        guard command.transport != .pgDump else { return nil }
        let (output, outcome) = try await command.checksumSearch.collect(stallLimit: DumpPreflight.patience(self))
        try command.check(
            outcome, doing: "Looking for cksum in the container of \(database.rawValue)",
            next: "Check that the container or pod exists, then run the same command again.", code: .unreachable)
        let name = output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let checksum = ContainerChecksum(rawValue: name)
        if checksum == nil {
            let names = ContainerChecksum.allCases.map(\.rawValue).joined(separator: " nor ")
            onNotice(
                MigrationNotice(
                    .checksumMissing,
                    "\(database.rawValue): the container has neither \(names), or no tee. Bytes lost in transit are "
                        + "found only if they break the dump's structure.",
                    [
                        "database": .init(database.rawValue),
                        "programs": .init(ContainerChecksum.allCases.map(\.rawValue)),
                    ]))
        }
        return checksum
    }
}
