internal import NIOCore
internal import SystemPackage

extension PostgresImporter {
    /// Loads a dump in one transaction: all of its parts, joined.
    ///
    /// - Throws: ``MigrationError`` with the server's first error, or if the objects are not what the manifest says.
    public func load(
        _ load: DumpLoad, from store: any ObjectStore, for step: JournaledStep,
        onProgress: @escaping @Sendable (Int64, String?) -> Void
    ) async throws {
        let runner = PassRunner(
            profile: load.isRewritten ? .none : .cloudSQL, name: load.dump.name, refuses: .all,
            onEvent: { event in
                if case .advanced(_, let bytes, let detail) = event { onProgress(bytes, detail) }
            })
        let dump = StoredDump(load.parts, in: store)
        // A dump that nothing was taken out of brings its own restriction, and psql takes only one.
        let prologue = load.isRewritten && load.dump.profile == .none ? "" : try await restriction()
        try await self.load(prologue + Self.hold, runner.stream(dump.sql), into: load.database) {
            guard let altered = await dump.alteredObject() else { return }
            throw MigrationError(
                .damagedSnapshot, "\(altered) changed in the bucket after it was verified.",
                next: "The load was undone. Find out who writes to the bucket, then run the same command again."
            )
        }
    }

    /// Streams a dump into psql, in one transaction.
    ///
    /// psql commits at the end of its input, also where the input ends because we died. So the load begins by making a
    /// commit impossible, with a constraint that is checked last of all, and lifts it with the very last line.
    ///
    /// - Throws: ``MigrationError`` with the server's first error, the statement and its line in the dump.
    private func load(
        _ prologue: String, _ dump: ByteStream, into database: Database, whole: @Sendable () async throws -> Void
    ) async throws {
        let command = uri.psql(
            database: database.importedName, ["--single-transaction", "--echo-errors", "--file=-"]
        )
        let nowhere = try FileDescriptor.open("/dev/null", .writeOnly)
        let process = try RunningProcess(command, output: nowhere, closesOutput: true, isFed: true)
        // Also when all is fed: an index may take hours, and the commit comes after it.
        let (failure, outcome) = try await withTaskCancellationHandler {
            (await Self.feed(prologue, dump, to: process, whole: whole), try await process.outcome)
        } onCancel: {
            process.cancel()
        }
        // psql's own error is the cause; that its input could not be written to is the consequence.
        if outcome.exitStatus != 0, failure == nil || failure is Errno { throw failed(database, outcome) }
        if let failure { throw failure }
    }

    /// On the line of the dump's first line, so that the server's line numbers are the dump's.
    private static let hold =
        "CREATE TEMPORARY TABLE mi_migrate_unfinished (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
        + " INSERT INTO pg_temp.mi_migrate_unfinished VALUES (1), (1); SET maintenance_work_mem = '256MB'; "
        // A server that builds an index does not see that psql is gone, unless it looks; from 14 on it can.
        + "SELECT set_config('client_connection_check_interval', '2s', false)"
        + " WHERE current_setting('server_version_num')::int >= 140000; "
    private static let release = "\nDELETE FROM pg_temp.mi_migrate_unfinished;\n"

    /// Makes psql refuse all its own commands, which could run programs here. The pass over the dump has refused them
    /// already; this is for what it may not have seen. Versions of psql before August 2025 do not know it.
    private func restriction() async throws -> String {
        let (help, _) = try await Command(uri.psql, ["--no-psqlrc", "--help=commands"]).collect()
        let key = String(UInt64.random(in: .min ... .max), radix: 36)
        return help.contains(#"\restrict"#) ? #"\restrict \#(key) \\ "# : ""
    }

    /// Returns what went wrong. In that case the hold is not released: psql cannot commit.
    private static func feed(
        _ prologue: String, _ dump: ByteStream, to process: RunningProcess, whole: @Sendable () async throws -> Void
    ) async -> (any Error)? {
        var failure: (any Error)?
        do {
            try await process.feed(ByteBuffer(string: prologue))
            for try await chunk in dump {
                try Task.checkCancellation()
                try await process.feed(chunk)
            }
            try await whole()
            try await process.feed(ByteBuffer(string: release))
        } catch {
            failure = error
        }
        try? await process.feed(nil)
        return failure
    }

    private func failed(_ database: Database, _ outcome: CommandOutcome) -> MigrationError {
        guard let first = outcome.firstError.first else {
            return MigrationError(
                .failed, "psql \(outcome.ending) while it loaded \(database.dumpName).", details: outcome.lastLines
            )
        }
        // `psql:<stdin>:123: ERROR:  …`
        let parts = first.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        let isPlaced = parts.count == 4 && parts[0] == "psql"
        let place = isPlaced ? "\(database.dumpName):\(parts[2])" : database.dumpName
        let message = isPlaced ? String(parts[3]) : first
        var error = MigrationError(
            .failed, "\(serverName) refused \(place):\(message)", details: Array(outcome.firstError.dropFirst()))
        let state = "The database \(database.importedName) is empty, as after the reset."
        let remedy = EmptySearchPath.remedy(for: error) ?? "Fix the cause, then run the same command again."
        error.next = "\(state) \(remedy)"
        return error
    }
}
