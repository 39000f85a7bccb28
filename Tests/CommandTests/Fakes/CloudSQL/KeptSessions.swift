import Synchronization

/// Sessions that are idle until somebody needs one again: to start a server's process for each batch of statements took
/// most of the time of the fake.
final class KeptSessions: Sendable {
    /// Who is in a session.
    struct Login: Hashable {
        /// The superuser if nobody is named.
        var user: String?
        /// What it acts as, if not as itself.
        var role: String?
    }

    private let idle = Mutex<[Login: [PostgresSession]]>([:])

    /// One that nobody else has, and that the server has not ended; nil if there is none.
    func take(_ login: Login) -> PostgresSession? {
        idle.withLock { idle in
            while let session = idle[login]?.popLast() { if session.isOpen { return session } }
            return nil
        }
    }

    func putBack(_ session: PostgresSession, _ login: Login) {
        idle.withLock { $0[login, default: []].append(session) }
    }

    /// Ends those that nobody has now.
    func close() async {
        let all = idle.withLock { idle in
            defer { idle = [:] }
            return idle.values.flatMap(\.self)
        }
        for session in all { await session.close() }
    }
}
