internal import NIOCore
internal import SystemPackage

/// A psql that is fed SQL, all of it in one transaction.
///
/// psql commits at the end of its input, also where the input ends because we died. So the transaction begins by making a
/// commit impossible, with a constraint that is checked last of all, and lifts it with the very last line.
struct LoadTransaction: Sendable {
    let importer: PostgresImporter
    let load: DumpLoad
    /// What comes before everything else, on the line of the SQL's first line: so the server's line numbers are its own.
    let prologue: String
    /// What the transaction notes of itself, on the same line.
    let notes: String

    private var database: Database { load.database }

    /// Runs SQL.
    ///
    /// - Parameter whole: Looks at what has been read once all of it is fed, and gives the statements that note it:
    ///   nothing is committed if it throws.
    /// - Throws: ``MigrationError`` with the server's first error, the statement and its line.
    func run(_ sql: ByteStream, whole: @Sendable () async throws -> String = { "" }) async throws {
        let command = importer.uri.psql(
            database: database.importedName, ["--single-transaction", "--echo-errors", "--file=-"])
        let nowhere = try FileDescriptor.open("/dev/null", .writeOnly)
        let process = try RunningProcess(command, output: nowhere, closesOutput: true, isFed: true)
        // Also when all is fed: an index may take hours, and the commit comes after it.
        let (failure, outcome) = try await withTaskCancellationHandler {
            try await importer.tellingOfLocks("Loading \(dumpName)", in: database.importedName) { watch in
                (await feed(sql, to: process, watch, whole: whole), try await process.outcome)
            }
        } onCancel: {
            process.cancel()
        }
        // psql's own error is the cause; that its input could not be written to is the consequence.
        if outcome.exitStatus != 0, failure == nil || failure is Errno { throw try await failed(outcome) }
        if let failure { throw failure }
    }

    private var hold: String {
        // The dump's own settings come behind what waits for other sessions first.
        "\(PostgresImporter.unlimited);"
            + " CREATE TEMPORARY TABLE mi_migrate_unfinished (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
            + " INSERT INTO pg_temp.mi_migrate_unfinished VALUES (1), (1);"
            + " SET maintenance_work_mem = '\(max(64, 512 / max(2, importer.jobs)))MB'; "
            // A server that builds an index does not see that psql is gone, unless it looks; from 14 on it can.
            + "SELECT set_config('client_connection_check_interval', '2s', false)"
            + " WHERE current_setting('server_version_num')::int >= 140000; "
    }
    private static let release = "\nDELETE FROM pg_temp.mi_migrate_unfinished;\n"

    /// Returns what went wrong. In that case the hold is not released: psql cannot commit.
    private func feed(
        _ sql: ByteStream, to process: RunningProcess, _ watch: WaitWatch,
        whole: @Sendable () async throws -> String
    ) async -> (any Error)? {
        var failure: (any Error)?
        do {
            try await process.feed(ByteBuffer(string: prologue + hold + notes))
            for try await chunk in sql {
                try Task.checkCancellation()
                try await process.feed(chunk)
                watch.noteArrival()
            }
            try await process.feed(ByteBuffer(string: try await whole() + Self.release))
        } catch {
            failure = error
        }
        try? await process.feed(nil)
        return failure
    }

    private var dumpName: String { load.isPart ? load.name : database.dumpName }

    private func failed(_ outcome: CommandOutcome) async throws -> MigrationError {
        // `psql:<stdin>:123: ERROR:  …`
        let first = outcome.firstError.first ?? ""
        let parts = first.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        let isPlaced = parts.count == 4 && parts[0] == "psql"
        let place = isPlaced ? "\(dumpName):\(parts[2])" : dumpName
        if let trouble = try await importer.trouble(in: outcome, database.importedName) {
            var error = trouble.error("Loading \(place)", on: importer.serverName, outcome)
            if error.code == .failed { error.next = "\(state) \(error.next ?? "")" }
            return error
        }
        if outcome.exitStatus == 2 { return importer.unreachable(outcome) }
        guard !first.isEmpty else {
            return MigrationError(
                .failed, "psql \(outcome.ending) while it loaded \(dumpName).", next: "Run the same command again.",
                details: outcome.lastLines)
        }
        let message = isPlaced ? String(parts[3]) : first
        var error = MigrationError(
            .failed, "\(importer.serverName) refused \(place):\(message)",
            details: Array(outcome.firstError.dropFirst())
        )
        error.sqlState = outcome.sqlState
        let remedy = EmptySearchPath.remedy(for: error) ?? "Fix the cause, then run the same command again."
        error.next = "\(state) \(remedy)"
        return error
    }

    /// How the database is after a failure.
    private var state: String {
        load.isPart
            ? "Nothing of it was changed; the same command resumes there."
            : "The database \(database.importedName) is empty, as after the reset."
    }
}
