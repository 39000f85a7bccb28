import Subprocess
import SystemPackage
import TestClusters

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ProcessIdentifier {
    /// Sends a signal to the process, and to it alone.
    func send(_ signal: Signal) throws {
        guard kill(value, signal.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}

extension ScratchPostgres.Cluster {
    /// Returns when a dump, or who holds a snapshot for it, waits for a lock in a database.
    func waitForDump(of database: String) async throws {
        try await wait(
            until: """
                EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(database)'
                  AND application_name IN ('pg_dump', 'src-snapshot') AND wait_event_type = 'Lock')
                """)
    }
}
