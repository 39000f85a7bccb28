extension ServerTrouble {
    /// The error for a person.
    ///
    /// - Parameters:
    ///   - what: What was to be done: `Loading primary.sql:12`.
    ///   - server: The server's name.
    func error(_ what: String, on server: String, _ outcome: CommandOutcome) -> MigrationError {
        let reason = reason(server)
        var error = MigrationError(
            isOutside || self == .noMoreSessions ? .unreachable : .failed,
            isOutside || self == .noMoreSessions ? reason : "\(what) failed: \(reason)", next: remedy,
            details: outcome.told)
        error.sqlState = sqlState
        return error
    }

    private func reason(_ server: String) -> String {
        switch self {
        case .noMoreSessions: "\(server) takes no more sessions."
        case .refusedConnection: "\(server) cannot be reached."
        case .notReady: "\(server) is starting or stopping, and does not accept connections."
        case .endedSession: "\(server) ended the session."
        case .deadlock: "\(server) ended a deadlock with another session."
        case .lockTimeout: "another session on \(server) holds a lock, and lock_timeout ended the wait for it."
        case .canceled: "somebody canceled the statement on \(server)."
        case .noMoreLocks: "\(server) has no room for more locks."
        case .outOfMemory: "\(server) is out of memory."
        case .diskFull: "a disk of \(server) is full."
        case .temporaryFileLimit: "its temporary files reached the limit that \(server) sets."
        }
    }

    private var remedy: String {
        let again = "then run the same command again."
        return switch self {
        case .noMoreSessions:
            "Close other sessions, or use fewer with --jobs. Then run the same command again: it resumes where it stopped."
        case .refusedConnection: PostgresImporter.checkConnection
        case .notReady: "Wait until it accepts connections, \(again)"
        case .endedSession:
            "Run the same command again. If it fails again, look in the server's log for what ends sessions: a restart, "
                + "pg_terminate_backend, too little memory."
        case .deadlock, .lockTimeout:
            "Nobody else should work in the databases: find the other session in pg_stat_activity and end it, \(again)"
        case .canceled: "Find out who calls pg_cancel_backend, \(again)"
        case .noMoreLocks:
            "Raise max_locks_per_transaction (on Cloud SQL: a database flag) and restart the server, \(again)"
        case .outOfMemory: "Give the server more memory, or use fewer sessions with --jobs, \(again)"
        case .diskFull: "Make room on it, \(again)"
        case .temporaryFileLimit: "Raise temp_file_limit (on Cloud SQL: a database flag), \(again)"
        }
    }
}
