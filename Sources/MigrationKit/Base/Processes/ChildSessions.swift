import MigrationKitCLibrary
import Synchronization

/// The sessions of the programs that run for this process. A psql that outlived it would commit what was stopped.
package enum ChildSessions {
    private static let running = Mutex<Set<pid_t>>([])

    /// Runs `body` while the session of that leader counts as running.
    static func with<Value>(_ leader: pid_t, _ body: () async throws -> Value) async rethrows -> Value {
        _ = running.withLock { $0.insert(leader) }
        defer { _ = running.withLock { $0.remove(leader) } }
        return try await body()
    }

    /// Asks all of them to end, for a process that ends at once. Who has something to clean up first, such as the guardian
    /// of a scratch server, does so.
    package static func terminateAll() {
        for leader in running.withLock(\.self) { kill(-leader, SIGTERM) }
    }
}
