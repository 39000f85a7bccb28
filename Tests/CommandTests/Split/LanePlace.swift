import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// A bucket with a dump in parts, and imports of it on several sessions, with a journal in a folder.
struct LanePlace: Sendable {
    let workplace: Workplace
    let loader: PartLoader

    /// - Parameter target: A server of its own; nil: that of all tests.
    init(target: ScratchPostgres.Cluster? = nil) async throws {
        workplace = try await Workplace(target: target)
        loader = PartLoader(workplace: workplace)
    }

    func migrate(
        _ database: Database, jobs: Int = 3, _ arguments: String...,
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            [
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
                "--journal=./journal", "--jobs=\(jobs)", "--terminate-connections",
            ] + arguments, environment: ["PGPASSWORD": workplace.target.password], whileRunning: whileRunning)
    }

    /// The import was proven, and the database holds what it has to.
    func check(_ last: Workplace.Finished, _ database: Database, _ expected: [Substring]) async throws {
        #expect(last.exit == 0, "\(last.errors)")
        let isOver = last.errors.contains("Nothing is left to do")
        #expect(isOver || last.errors.contains("exactly the rows that were dumped"), "\(last.errors)")
        let dump = try await loader.dump(database.importedName).sorted()
        #expect(dump == expected, "\(dump.difference(from: expected))")
    }

    // MARK: Sessions

    /// Imports while somebody's session has run `text` and holds what that took, until `body` is done.
    func migrate(
        _ database: Database, jobs: Int = 3, against text: String, until body: @Sendable () async throws -> Void
    ) async throws -> Workplace.Finished {
        let name = database.importedName
        return try await workplace.target.holding(text, in: name) {
            try await migrate(database, jobs: jobs) { _ in
                try await body()
                try await workplace.target.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(Self.somebody(in: name))")
            }
        }
    }

    /// The session of ``migrate(_:against:until:)``.
    static func somebody(in database: String) -> String { "datname = '\(database)' AND application_name = 'test'" }

    /// Returns when so many of the import's sessions wait for a lock in a statement like this one.
    func waitForSessions(_ count: Int, in database: Database, at statement: String) async throws {
        try await workplace.target.wait(
            until: "(SELECT count(*) FROM pg_stat_activity WHERE \(waiting(in: database, at: statement))) >= \(count)")
    }

    /// Ends those sessions, and returns when they are gone.
    func terminateSessions(in database: Database, at statement: String) async throws {
        // Materialized: else it may end sessions before it looks whose they are.
        let pids = try await workplace.target.sql(
            """
            WITH found AS MATERIALIZED (
              SELECT pid FROM pg_stat_activity WHERE \(waiting(in: database, at: statement)))
            SELECT pid FROM found WHERE pg_terminate_backend(pid)
            """)
        let list = pids.split(separator: "\n").joined(separator: ", ")
        try await workplace.target.wait(
            until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY (ARRAY[\(list)]::int[]))")
    }

    private func waiting(in database: Database, at statement: String) -> String {
        "datname = '\(database.importedName)' AND application_name = 'mi-migrate' AND wait_event_type = 'Lock'"
            + " AND query LIKE '\(statement)'"
    }
}
