/// Sessions at a server that keep ours waiting, and what it tells of them.
struct SessionBlockers: Sendable, Decodable {
    let sessions: [Session]

    struct Session: Decodable, Sendable {
        var pid: Int
        var application: String?
        var user: String?
        var state: String?
        /// Seconds since its transaction began.
        var age: Int?
        var query: String?
    }

    init(from decoder: any Decoder) throws { sessions = try decoder.singleValueContainer().decode([Session].self) }

    /// Asks for sessions. A query is shown up to its first constant, which may be anybody's password.
    ///
    /// - Parameter pids: A query for their pids.
    static func question(pids: String) -> String {
        """
        SELECT coalesce(json_agg(json_build_object('pid', s.pid, 'application', s.application_name, 'user', s.usename,
            'state', s.state, 'age', extract(epoch FROM clock_timestamp() - s.xact_start)::bigint,
            'query', left(substring(s.query FROM '^[^''$]*'), 120)) ORDER BY s.xact_start), '[]'::json)
        FROM pg_stat_activity AS s WHERE s.pid <> pg_backend_pid() AND s.pid IN (\(pids))
        """
    }

    /// - Parameter condition: Which sessions of `pg_stat_activity AS w` are kept waiting.
    static func blocking(_ condition: String) -> String {
        "SELECT unnest(pg_blocking_pids(w.pid)) FROM pg_stat_activity AS w WHERE w.wait_event_type = 'Lock' AND \(condition)"
    }

    /// A line for each session; none: nobody blocks.
    var lines: [String] {
        sessions.map { session in
            let name = session.application.flatMap { $0.isEmpty ? nil : " (\($0.printable))" } ?? ""
            let since = session.age.map { ", in a transaction for \($0) s" } ?? ""
            let state = session.state.map { ", \($0.printable)" } ?? ""
            let query = session.query.map { ": \($0.printable)" } ?? ""
            let user = session.user?.printable ?? "another user"
            return "Session \(session.pid)\(name) of \(user)\(state)\(since)\(query)"
        }
    }
}

extension SessionBlockers {
    /// Who keeps a dump waiting: the sessions that block ours, and those that hold or want a lock which no reader gets past.
    ///
    /// - Throws: ``MigrationError`` if the server does not tell.
    init(of dumper: PgDump) async throws {
        self = try await DatabaseQuestions(dumper: dumper).answer(to: Self.dumps, "Asking who blocks the dump")
    }

    private static let dumps = question(
        pids: """
            \(blocking("w.datname = current_database() AND w.application_name IN ('\(PsqlSession.applicationName)', 'pg_dump')"))
            UNION ALL
            SELECT l.pid FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
            WHERE d.datname = current_database() AND l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
            """)
}

extension MigrationError {
    /// The same, with those who keep a dump waiting at its server, if there are any.
    func namingBlockers(of dumper: PgDump) async -> MigrationError {
        var error = self
        error.details += (try? await SessionBlockers(of: dumper))?.lines ?? []
        return error
    }
}
