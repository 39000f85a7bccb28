import LoopbackServers
import TestClusters
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitSourcegraphAPI

/// Whatever waits at the destination for a lock of somebody else's says whose it is, and goes on as soon as that is free.
@Suite(.inTurn) struct LockedDestinationTests {
    private typealias Notices = Watched<[MigrationNotice]>

    private struct Place: Sendable {
        let workplace: Workplace
        let database: Database
        let notices = Notices([])

        var journal: MigrationJournal {
            MigrationJournal(store: DirectoryStore(path: workplace.folder.file("journal")))
        }

        var onEvent: MigrationEventHandler {
            { [notices] event in
                guard case .warning(let notice) = event, notice.code == "waiting-for-lock" else { return }
                notices.change { $0.append(notice) }
            }
        }

        /// The database's name in quotes, or that of its copy.
        func name(_ copy: String = "") -> String { "\"\(database.importedName)\(copy)\"" }

        @discardableResult
        func migrate(until: MigrationStep) async throws -> ImportReport {
            var flow = ImportSnapshot(
                store: workplace.store, importer: try workplace.importer, journal: journal, databases: [database],
                confirm: { _ in true }, onEvent: onEvent)
            flow.until = until
            return try await flow.run()
        }

        /// Does something while somebody's session holds what `text` takes, until it is told who that is.
        func told(
            against text: String, in holder: String = "postgres", _ body: @escaping @Sendable () async throws -> Void
        ) async throws -> MigrationNotice {
            let time = ManualTime()
            notices.change { $0 = [] }
            let running = try await workplace.target.holding(text, in: holder, as: "sourcegraph-admin") {
                let running = Task { try await time.ruling { try await body() } }
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
            let notice = try await place.told(
                against: "CREATE TABLE public.people ()", in: place.database.importedName
            ) { try await place.migrate(until: .load) }
            check(notice, "Loading \(place.database.dumpName)")
            #expect(try await place.migrate(until: .analyze).proofs.map(\.isEqual) == [true])
        }
    }

    @Test func resetSaysWhoHoldsTheDatabase() async throws {
        try await with { place in
            let name = place.name()
            try await place.workplace.target.sql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            try await place.workplace.target.sql("CREATE DATABASE \(name) OWNER \"sourcegraph-admin\"")
            let notice = try await place.told(against: "COMMENT ON DATABASE \(name) IS 'mine'") {
                try await place.migrate(until: .reset)
            }
            check(notice, "Dropping and creating \(name)")
        }
    }

    // MARK: Copies

    private func undo(_ place: Place) async throws {
        try await place.workplace.target.sql("DROP DATABASE IF EXISTS \(place.name(".before-upgrade"))")
        // Whoever imports into it next has another journal.
        try await place.workplace.target.sql("COMMENT ON DATABASE \(place.name()) IS NULL")
    }

    /// A database is marked; a copy of it is made, brought back and removed; each waits for a lock of its own.
    @Test func whateverIsDoneWithACopySaysWhoHoldsTheDatabase() async throws {
        // The removal is of the copies of all databases.
        try await TargetDatabases.withAll {
            let place = Place(workplace: try await Workplace(), database: .codeinsights)
            try await place.workplace.upload(SmallDump.text, as: place.database)
            try await place.migrate(until: .analyze)
            let (name, copy) = (place.name(), place.name(".before-upgrade"))
            let (journal, importer) = (place.journal, try place.workplace.importer)
            let upgrade = UpgradeInstance(
                instance: StandInInstance(marked: { _ in [] }), importer: importer, journal: journal,
                databases: [place.database], onEvent: place.onEvent)
            let result: Result<Void, any Error>
            do {
                let marked = try await place.told(against: "COMMENT ON DATABASE \(name) IS 'mine'") {
                    // The stand-in shows no mark.
                    _ = try? await journal.working { try await upgrade.matchDatabases() }
                }
                check(marked, "Marking the databases")
                let copied = try await place.told(against: "COMMENT ON DATABASE \(name) IS 'mine'") {
                    try await journal.working { try await upgrade.keepCopy() }
                }
                check(copied, "Copying \(name) to \(copy)")
                let restored = try await place.told(against: "COMMENT ON DATABASE \(copy) IS 'mine'") {
                    let flow = RestoreDatabases(
                        instance: nil, importer: importer, journal: journal, confirm: { _ in true },
                        onEvent: place.onEvent)
                    _ = try await flow.run()
                }
                check(restored, "Copying \(copy) to \(name)")
                let removed = try await place.told(against: "COMMENT ON DATABASE \(copy) IS 'mine'") {
                    let flow = DatabaseCopies(
                        importer: importer, journal: journal, confirm: { _ in true }, onEvent: place.onEvent)
                    _ = try await flow.remove()
                }
                check(removed, "Dropping \(copy)")
                result = .success(())
            } catch {
                result = .failure(error)
            }
            try await undo(place)
            try result.get()
        }
    }
}
