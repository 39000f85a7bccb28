/// What a server lacks that follows another one.
struct SourceReplica: Sendable {
    let database: Database
    /// Tables whose rows a replica does not have: pg_dump leaves them out without a word.
    private let unlogged: NamedObjects
    private let conflicts: Conflicts
    /// Nil where the server does not tell: some clouds' do not.
    private let state: State?

    private struct State: Decodable, Sendable {
        /// Whether it is connected to the server that it follows.
        var isReceiving: Bool
        var isPaused: Bool
        /// Seconds since the last transaction that it has applied.
        var age: Int?
        /// Bytes that it has received and not applied.
        var unapplied: Int64?
    }

    /// What its replay does to sessions that are in its way.
    private struct Conflicts: Decodable, Sendable {
        /// Whether its primary server keeps what sessions here still see.
        var hasFeedback: Bool
        /// How long they may hold it up, as the setting says: `30s`; `-1`: as long as they like.
        var delay: String
    }

    /// - Throws: ``MigrationError`` if the server refuses.
    init(_ dumper: PgDump) async throws {
        let questions = DatabaseQuestions(dumper: dumper)
        database = dumper.database
        unlogged = try await questions.answer(
            to: "SELECT \(CatalogueSQL.namedObjects(Self.unloggedTables))", "Reading the unlogged tables")
        conflicts = try await questions.answer(to: Self.conflictsQuery, "Reading the settings of the replica")
        do {
            state = try await questions.answer(to: Self.stateQuery, "Asking for the replica's state")
        } catch is MigrationError {
            state = nil
        }
    }

    /// How many rows there are is what the primary server has counted last: below 0, or 0 before version 14, never.
    private static let unloggedTables = """
        SELECT format('%I.%I', n.nspname, c.relname)
            || CASE WHEN c.reltuples > 0 THEN format(' (about %s rows)', c.reltuples::bigint) ELSE '' END AS name
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND \(CatalogueSQL.isDumpedSchema)
            AND NOT \(CatalogueSQL.isMember("pg_class", "c.oid"))
        """

    private static let conflictsQuery = """
        SELECT json_build_object(
            'has_feedback', current_setting('hot_standby_feedback')::boolean,
            'delay', current_setting('max_standby_streaming_delay'))
        """

    private static let stateQuery = """
        SELECT json_build_object(
            'is_receiving', EXISTS (SELECT FROM pg_stat_wal_receiver), 'is_paused', pg_is_wal_replay_paused(),
            'age', extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::bigint,
            'unapplied', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint)
        """

    /// Whether it may be dumped, and what its dump lacks, in a sentence or several.
    ///
    /// - Parameter isAccepted: Whether somebody has said that a replica is to be dumped.
    /// - Throws: ``MigrationError`` if it may not.
    func caution(isAccepted: Bool) throws -> String {
        if let state, state.isPaused || !state.isReceiving {
            let what = state.isPaused ? "its replay is paused" : "it is not connected to its primary server"
            throw refusal("and \(what): it lacks everything written since.", next: remedy)
        }
        guard isAccepted else {
            throw refusal(
                "whose dump would lack what has not been replicated yet\(unlogged.count > 0 ? ". \(gap)" : ".")",
                next: "\(remedy) Or add --from-replica to dump from it all the same.",
                details: [conflict].compactMap(\.self))
        }
        return [delay, unlogged.count > 0 ? gap : nil, conflict].compactMap(\.self).joined(separator: " ")
    }

    /// How to be sure of the dump.
    var advice: String {
        "Dump from the primary server; or stop Sourcegraph, wait until the replica has caught up, then dump."
    }

    private func refusal(_ what: String, next: String, details: [String] = []) -> MigrationError {
        MigrationError(
            .unmetRequirement, "The server of \(database.rawValue) is a replica, \(what)", next: next,
            details: details)
    }

    private var remedy: String {
        "Set the target of \(database.rawValue) to the primary server, then run the same command again."
    }

    private var gap: String { "A replica has no rows of unlogged tables: \(unlogged)." }

    private var delay: String {
        let what = "The server of \(database.rawValue) is a replica: its dump lacks what has not been replicated yet."
        if let bytes = state?.unapplied, bytes > 0 {
            return "\(what) It has received \(Quantity.bytes(bytes)) that it has not applied yet."
        }
        if let age = state?.age { return "\(what) The last transaction that it applied is \(age) s old." }
        return "\(what) It does not report how far behind it is."
    }

    /// What may end the dump before it is whole; nil: nothing of that kind.
    private var conflict: String? {
        guard conflicts.delay != "-1" else { return nil }
        let delay = conflicts.delay.printable
        return conflicts.hasFeedback
            ? "The replica cancels a dump that holds up its replay for \(delay) (max_standby_streaming_delay): a DROP, "
                + "TRUNCATE or ALTER on the primary server can be what waits."
            : "The replica cancels a dump that holds up its replay for \(delay) (max_standby_streaming_delay), and "
                + "hot_standby_feedback is off: any VACUUM on the primary server can be what waits."
    }
}
