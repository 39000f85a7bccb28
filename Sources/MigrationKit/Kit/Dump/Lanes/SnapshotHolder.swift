internal import MigrationKitFoundation

/// A snapshot of one database that stays while its holder lives, and what is needed to read it.
struct HeldSnapshot: Sendable {
    let id: SnapshotID
    /// Tables that lanes read.
    let tables: [SourceTable]
    /// What all tables take on the server's disk.
    let tableBytes: Int64
    /// Statements that take the locks which the holder has; empty: there are no tables.
    let locks: String
    /// When it was taken, by the server.
    let moment: SnapshotInstant.Moment

    /// How many connections are worth opening for the rows of its tables.
    func lanes(upTo limit: Int) -> Int {
        let chunks = tables.reduce(0) { $0 + Int($1.bytes) / ChunkPlan.chunkSize + 1 }
        return max(1, min(limit, chunks))
    }
}

/// The session that keeps one database's snapshot open.
///
/// It locks the tables first and takes the snapshot then: PostgreSQL lets LOCK TABLE come before the snapshot, so that
/// no TRUNCATE, ALTER or DROP comes between the two, as it could between pg_dump's snapshot and its locks.
final class SnapshotHolder: Sendable {
    let database: Database
    private let dumper: PgDump
    private let session: PsqlSession
    private let serverMajor: Int

    private init(_ dumper: PgDump, _ session: PsqlSession, serverMajor: Int) {
        database = dumper.database
        self.dumper = dumper
        self.session = session
        self.serverMajor = serverMajor
    }

    /// Opens the session, and closes it behind `body`.
    static func with<Value: Sendable>(
        _ dumper: PgDump, serverMajor: Int, lockTimeout: Duration, _ body: (SnapshotHolder) async throws -> Value
    ) async throws -> Value {
        let purpose = "Holding a snapshot of \(dumper.database.rawValue)"
        return try await PsqlSession.with(dumper, for: purpose, lockTimeout: lockTimeout) { session in
            try await body(SnapshotHolder(dumper, session, serverMajor: serverMajor))
        }
    }

    /// Locks all tables against whatever would change more than their rows.
    ///
    /// - Parameter onEvent: Is told who is waited for.
    /// - Returns: The tables that are locked.
    /// - Throws: ``MigrationError`` that names who has them, if somebody keeps them locked for too long.
    func lock(_ onEvent: @escaping MigrationEventHandler) async throws -> [SourceTable] {
        let teller = Task {
            try await Task.sleep(for: WaitWatch.limit)
            let blockers = try await SessionBlockers(of: dumper).lines
            onEvent(
                .warning(
                    .init(
                        .lockedTables,
                        (["\(database.rawValue): waiting for tables that are locked."] + blockers)
                            .joined(separator: "\n"),
                        ["database": .init(database.rawValue), "blockers": .init(blockers)])))
        }
        defer { teller.cancel() }
        let tables = try await tables()
        _ = try await waiting("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n\(Self.locks(tables))")
        return tables
    }

    /// Takes the snapshot.
    ///
    /// - Parameter locked: The tables that ``lock()`` has locked.
    /// - Returns: Nil if a table has come in between.
    func take(_ locked: [SourceTable]) async throws -> HeldSnapshot? {
        let answer = try await session.ask(Self.export)
        let fields = answer.split(separator: "\n").first?.split(separator: "|", omittingEmptySubsequences: false) ?? []
        guard fields.count == 3, let id = SnapshotID(fields[0]), let time = TimeText.time(String(fields[1])) else {
            throw MigrationError(
                .failed, "The server of \(database.rawValue) answered `\(answer.printable)` for a snapshot.")
        }
        let tables = try await tables()
        guard Set(tables.map(\.table)).isSubset(of: locked.map(\.table)) else { return nil }
        return HeldSnapshot(
            id: id, tables: SourceTable.readByLanes(tables, serverMajor: serverMajor),
            tableBytes: Quantity.sum64(tables.map(\.bytes)), locks: Self.locks(locked),
            moment: SnapshotInstant.Moment(
                database: database, time: time, position: fields[2].isEmpty ? nil : String(fields[2])))
    }

    /// Gives up the snapshot and the locks.
    func release() async throws { _ = try await session.ask("ROLLBACK;") }

    /// - Throws: ``MigrationError`` unless the snapshot is still there.
    func confirm() async throws { _ = try await session.ask("SELECT 1;") }

    /// Asks for what may have to wait for others.
    private func waiting(_ sql: String) async throws -> String {
        do { return try await session.ask(sql) } catch let error as MigrationError {
            throw await error.namingBlockers(of: dumper)
        }
    }

    private func tables() async throws -> [SourceTable] {
        // Of a table that others have locked the size is not told either.
        let json = try await waiting(SourceTable.query(serverMajor: serverMajor))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode([SourceTable].self, from: Data(json.utf8)) } catch {
            throw MigrationError(
                .failed,
                "The server of \(database.rawValue) did not list its tables: "
                    + "`\(String(json.prefix(200)).printable)`.")
        }
    }

    private static func locks(_ tables: [SourceTable]) -> String {
        guard !tables.isEmpty else { return "" }
        return "LOCK TABLE \(tables.map { "ONLY \($0.table.quoted)" }.joined(separator: ", ")) IN ACCESS SHARE MODE;"
    }

    private static let export = """
        SELECT pg_export_snapshot(), to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END;
        """
}
