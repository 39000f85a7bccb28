/// Who keeps whatever is done at the server waiting.
extension PostgresImporter {
    /// Runs `body`, and tells of the sessions that hold what it waits for.
    ///
    /// - Parameters:
    ///   - what: What is done: `Loading primary.sql`.
    ///   - database: The database in which that is done; nil: the one that the URI names.
    ///   - body: Notes in the watch whenever something goes on.
    func tellingOfLocks<Value: Sendable>(
        _ what: String, in database: String?, during body: (WaitWatch) async throws -> Value
    ) async rethrows -> Value {
        let watch = WaitWatch()
        guard let onEvent = ServerPatience.current?.onEvent else { return try await body(watch) }
        return try await watch.telling { _, time in
            guard let blockers = try? await blockers(in: database), !blockers.sessions.isEmpty else { return false }
            onEvent(.warning(notice(what, blockers, time)))
            return true
        } during: {
            try await body(watch)
        }
    }

    /// An index may take hours and waits for nobody: only the server knows. A session that a run of ours has left behind
    /// is somebody else, too.
    private func blockers(in database: String?) async throws -> SessionBlockers {
        let name = uri.parameters["PGAPPNAME"] ?? PostgresURI.applicationName
        return try await query(
            SessionBlockers.question(
                pids: SessionBlockers.blocking(
                    "w.datname = current_database() AND w.application_name = \(name.quotedAsLiteral) "
                        + "AND w.usename = session_user")),
            database: database)
    }

    private func notice(_ what: String, _ blockers: SessionBlockers, _ time: Duration) -> MigrationNotice {
        let ends = blockers.sessions.map { "pg_terminate_backend(\($0.pid))" }.joined(separator: ", ")
        let isOne = blockers.sessions.count == 1
        let hold = isOne ? "another session holds" : "other sessions hold"
        let end = isOne ? "that session ends; to end it" : "those sessions end; to end them"
        let text =
            "\(what): no progress for \(Quantity.duration(time)), waiting on \(serverName) for a lock that \(hold). "
            + "It resumes when \(end), run SELECT \(ends)."
        return MigrationNotice(
            .waitingForLock, ([text] + blockers.lines).joined(separator: "\n"),
            [
                "server": .init(serverName), "what": .init(what), "seconds": .init(time),
                "blockers": .init(blockers.lines),
            ])
    }

    /// Does what a database lets nobody else be in for, and says who is.
    ///
    /// - Parameter names: The databases.
    func execute(_ sql: String, alone names: [String], doing what: String, next: String) async throws {
        do { try await execute(sql, doing: what) } catch var error as MigrationError where error.sqlState == "55006" {
            let list = names.map(\.quotedAsLiteral).joined(separator: ", ")
            let others: SessionBlockers? = try? await query(
                SessionBlockers.question(pids: "SELECT pid FROM pg_stat_activity WHERE datname IN (\(list))"))
            error.message = "\(what) failed on \(serverName): other sessions are connected."
            error.next = next
            error.details = others.flatMap { $0.sessions.isEmpty ? nil : $0.lines } ?? error.details
            throw error
        }
    }
}
