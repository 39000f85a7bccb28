import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The sessions of the programs that run for this process. A psql that outlived it would commit what was stopped.
package enum ChildSessions {
    private static let running = Mutex<Set<pid_t>>([])

    /// Runs `body` while the session of that leader counts as running.
    static func with<Value>(_ leader: pid_t, _ body: () async throws -> Value) async rethrows -> Value {
        _ = running.withLock { $0.insert(leader) }
        defer { _ = running.withLock { $0.remove(leader) } }
        return try await body()
    }

    /// Kills all of them: for a process that ends at once.
    package static func kill() {
        for leader in running.withLock(\.self) {
            #if canImport(Glibc)
                _ = Glibc.kill(-leader, SIGKILL)
            #elseif canImport(Musl)
                _ = Musl.kill(-leader, SIGKILL)
            #else
                _ = Darwin.kill(-leader, SIGKILL)
            #endif
        }
    }
}
