import Synchronization
package import TestClusters

/// Sessions that are idle until somebody needs one again: to start a server's process for each batch of statements took
/// most of the time of the fake.
package final class KeptSessions: Sendable {
    /// Who is in a session.
    package struct Login: Hashable {
        /// The superuser if nobody is named.
        package var user: String?
        /// What it acts as, if not as itself.
        package var role: String?
    }

    private let idle = Mutex<[Login: [PostgresSession]]>([:])

    /// One that nobody else has, and that the server has not ended; nil if there is none.
    package func take(_ login: Login) -> PostgresSession? {
        idle.withLock { idle in
            while let session = idle[login]?.popLast() { if session.isOpen { return session } }
            return nil
        }
    }

    package func putBack(_ session: PostgresSession, _ login: Login) {
        idle.withLock { $0[login, default: []].append(session) }
    }

    /// Ends those that nobody has now.
    package func close() async {
        let all = idle.withLock { idle in
            defer { idle = [:] }
            return idle.values.flatMap(\.self)
        }
        for session in all { await session.close() }
    }
}
