/// What a server lacks that follows another one.
struct SourceReplica: Sendable {
    let database: Database
    /// Tables whose rows a replica does not have: pg_dump leaves them out without a word.
    private let unlogged: NamedObjects
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

    /// - Throws: ``MigrationError`` if the server refuses.
    init(_ dumper: PgDump) async throws {
        let questions = DatabaseQuestions(dumper: dumper)
        database = dumper.database
        unlogged = try await questions.answer(
            to: "SELECT \(CatalogueSQL.namedObjects(Self.unloggedTables))", "Reading the unlogged tables")
        do {
            state = try await questions.answer(to: Self.stateQuery, "Asking for the replica's state")
        } catch is MigrationError {
            state = nil
        }
    }

    private static let unloggedTables = """
        SELECT format('%I.%I', n.nspname, c.relname) AS name
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND \(CatalogueSQL.isDumpedSchema)
            AND NOT \(CatalogueSQL.isMember("pg_class", "c.oid"))
        """

    private static let stateQuery = """
        SELECT json_build_object(
            'is_receiving', EXISTS (SELECT FROM pg_stat_wal_receiver), 'is_paused', pg_is_wal_replay_paused(),
            'age', extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::bigint,
            'unapplied', pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint)
        """

    /// Why its dump would lack rows; nil: it need not.
    var fault: String? {
        if unlogged.count > 0 {
            return "The server of \(database.rawValue) is a replica, which has no rows of unlogged tables: \(unlogged)."
        }
        if let state, state.isPaused || !state.isReceiving {
            let what = state.isPaused ? "its replay is paused" : "it is not connected to its primary server"
            return "The server of \(database.rawValue) is a replica, and \(what): it lacks everything written since."
        }
        return nil
    }

    /// - Throws: ``MigrationError`` if its dump would lack rows.
    func require() throws {
        if let fault { throw MigrationError(.unmetRequirement, fault, next: remedy) }
    }

    /// What to do about the fault.
    var remedy: String {
        "Set the target of \(database.rawValue) to the primary server, then run the same command again."
    }

    /// What its dump may lack.
    var caution: String {
        let what = "The server of \(database.rawValue) is a replica: its dump lacks what has not been replicated yet."
        if let bytes = state?.unapplied, bytes > 0 {
            return "\(what) It has received \(Quantity.bytes(bytes)) that it has not applied yet."
        }
        if let age = state?.age { return "\(what) The last transaction that it applied is \(age) s old." }
        return "\(what) It does not report how far behind it is."
    }

    /// How to be sure of the dump.
    var advice: String {
        "Dump from the primary server; or stop Sourcegraph, wait until the replica has caught up, then dump."
    }
}
