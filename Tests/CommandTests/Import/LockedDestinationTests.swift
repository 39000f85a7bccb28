import LoopbackServers
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// An import that waits for a lock of somebody else's says whose it is, and goes on as soon as that is free.
@Suite(.inTurn) struct LockedDestinationTests {
    private typealias Notices = Watched<[MigrationNotice]>

    private struct Place: Sendable {
        let workplace: Workplace
        let database: Database
        let notices = Notices([])

        @discardableResult
        func migrate(until: MigrationStep) async throws -> ImportReport {
            let journal = MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal")))
            var flow = ImportSnapshot(
                store: workplace.store, importer: try workplace.importer, journal: journal, databases: [database],
                confirm: { _ in true },
                onEvent: { [notices] event in
                    guard case .warning(let notice) = event, notice.code == "waiting-for-lock" else { return }
                    notices.change { $0.append(notice) }
                })
            flow.until = until
            return try await flow.run()
        }

        /// Imports while somebody's session holds what `text` takes, until it is told who that is.
        func migrate(until: MigrationStep, against text: String, in holder: String) async throws -> MigrationNotice {
            let time = ManualTime()
            let running = try await workplace.target.holding(text, in: holder, as: "sourcegraph-admin") {
                let running = Task { try await time.ruling { _ = try await migrate(until: until) } }
                try await workplace.target.wait(
                    until: """
                        EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'mi-migrate'
                          AND wait_event_type = 'Lock' AND datname IN ('\(database.importedName)', 'postgres'))
                        """)
                #expect(notices.change { $0.map(\.code) } == [])
                try await waitUntil("who holds the lock", last: "\(notices.change { $0 })") {
                    time.advance(by: .seconds(1))
                    return notices.change { !$0.isEmpty }
                }
                return running
            }
            try await running.value
            return try #require(notices.change { $0.first })
        }
    }

    private func with(_ body: @Sendable (Place) async throws -> Void) async throws {
        try await TargetDatabases.withOne { database in
            let place = Place(workplace: try await Workplace(), database: database)
            try await place.workplace.upload(SmallDump.text, as: database)
            try await body(place)
        }
    }

    private func check(_ notice: MigrationNotice, _ what: String) {
        #expect(notice.text.hasPrefix("\(what): no progress for "), "\(notice.text)")
        let remedy = notice.text.firstMatch(of: #/to end it, run SELECT pg_terminate_backend\(([0-9]+)\)\.\n/#)
        let holder = "Session \(remedy?.1 ?? "") (test) of sourcegraph-admin, idle in transaction, in a transaction"
        #expect(remedy != nil && notice.text.contains(holder), "\(notice.text)")
    }

    @Test func loadSaysWhoHoldsWhatItWaitsFor() async throws {
        try await with { place in
            try await place.migrate(until: .reset)
            let notice = try await place.migrate(
                until: .load, against: "CREATE TABLE public.people ()", in: place.database.importedName)
            check(notice, "Loading \(place.database.dumpName)")
            #expect(try await place.migrate(until: .analyze).proofs.map(\.isEqual) == [true])
        }
    }

    @Test func resetSaysWhoHoldsTheDatabase() async throws {
        try await with { place in
            let name = place.database.importedName
            try await place.workplace.target.sql("DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)")
            try await place.workplace.target.sql("CREATE DATABASE \"\(name)\" OWNER \"sourcegraph-admin\"")
            let notice = try await place.migrate(
                until: .reset, against: "COMMENT ON DATABASE \"\(name)\" IS 'mine'", in: "postgres")
            check(notice, "Dropping and creating \"\(name)\"")
        }
    }
}
