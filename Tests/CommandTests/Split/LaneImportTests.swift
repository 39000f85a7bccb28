import Foundation
import MigrationKit
import Subprocess
import TestClusters
import TestSupport
import Testing

/// A dump in parts that is loaded on several sessions at once comes to what one session makes of it, however often it is
/// cut off.
@Suite(.inTurn) struct LaneImportTests {
    let workplace: Workplace
    let loader: PartLoader

    init() async throws {
        workplace = try await Workplace()
        loader = PartLoader(workplace: workplace)
    }

    private func migrate(
        _ database: Database, _ arguments: String...,
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            [
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
                "--journal=./journal", "--jobs=3", "--terminate-connections",
            ] + arguments, environment: ["PGPASSWORD": workplace.target.password], whileRunning: whileRunning)
    }

    private func check(_ last: Workplace.Finished, _ database: Database, _ expected: [Substring]) async throws {
        #expect(last.exit == 0, "\(last.errors)")
        let isOver = last.errors.contains("Nothing is left to do")
        #expect(isOver || last.errors.contains("exactly the rows that were dumped"), "\(last.errors)")
        let dump = try await loader.dump(database.importedName).sorted()
        #expect(dump == expected, "\(dump.difference(from: expected))")
    }

    @Test(arguments: [3000, 60_000])
    func lanesMakeWhatOneSessionMakes(size: Int64) async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await loader.upload(
                HostileDump.text, as: database, size: size, compresses: size == 60_000)
            let expected = try await loader.expected(entry)
            try await check(try await migrate(database), database, expected)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func importThatIsKilledAgainAndAgainGoesOn(seed: UInt64) async throws {
        var generator = SplitMix(seed: seed)
        let deaths = (1...6).map { _ in
            (entries: Int.random(in: 1...8, using: &generator), delay: Int.random(in: 0...60, using: &generator))
        }
        try await TargetDatabases.withOne { database in
            let entry = try await loader.upload(HostileDump.text, as: database, size: 8000)
            let expected = try await loader.expected(entry)
            let folder = "journal/mi-migrate/\(workplace.serverName)"
            for death in deaths {
                let before = (try? workplace.folder.list(folder).count) ?? 0
                let killed = try await migrate(database) { process in
                    // By what it has done, and somewhere in what it does next.
                    while ((try? workplace.folder.list(folder).count) ?? 0) < before + death.entries {
                        if kill(process.value, 0) != 0 { return }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    try await Task.sleep(for: .milliseconds(death.delay))
                    try? process.send(.kill)
                }
                #expect(killed.exit ?? 0 == 0, "\(killed.errors)")
            }
            try await check(try await migrate(database), database, expected)
        }
    }

    /// A part that is there and of which the journal knows nothing, and an index.
    @Test func whatIsThereIsNotLoadedTwice() async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await loader.upload(HostileDump.text, as: database, size: 30_000)
            let expected = try await loader.expected(entry)
            #expect(try await migrate(database, "--until=extensions").exit == 0)
            let parts = entry.parts.filter { $0.kind == .schema || $0.kind == .data }
            try await loader.loadWell(parts.prefix(2), into: database.importedName)
            try await check(try await migrate(database), database, expected)
        }
    }

    @Test func sessionThatIsTerminatedIsNamedAndTheSameCommandGoesOn() async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await loader.upload(BigDump.text, as: database, size: 400_000)
            let expected = try await loader.expected(entry)
            let name = database.importedName
            // Nobody gets past this: rows and keys wait for it.
            #expect(try await migrate(database, "--until=extensions").exit == 0)
            try await loader.loadWell(entry.parts.filter { $0.kind == .schema }, into: name)
            let failed = try await workplace.postgres.target.holding(
                "BEGIN; LOCK TABLE public.bulk IN SHARE MODE", in: name
            ) {
                try await migrate(database) { _ in
                    let waiting = "datname = '\(name)' AND wait_event_type = 'Lock' AND query LIKE 'COPY%'"
                    try await workplace.postgres.target.wait(
                        until: "(SELECT count(*) FROM pg_stat_activity WHERE \(waiting)) = 3")
                    try await workplace.postgres.target.sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(waiting) LIMIT 1")
                    try await workplace.postgres.target.wait(
                        until: "(SELECT count(*) FROM pg_stat_activity WHERE \(waiting)) = 2")
                    try await workplace.postgres.target.sql(
                        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE \(waiting)")
                }
            }
            #expect(failed.exit == 5)
            #expect(failed.errors.contains("terminating connection due to administrator command"), "\(failed.errors)")
            #expect(failed.errors.contains("3 of \(entry.parts.count - 3) parts of \(database.dumpName) failed."))
            try await check(try await migrate(database), database, expected)
        }
    }

    @Test func serverThatTakesNoMoreSessionsIsNamedAndTheSameCommandGoesOn() async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await loader.upload(BigDump.text, as: database, size: 400_000)
            let expected = try await loader.expected(entry)
            #expect(try await migrate(database, "--until=extensions").exit == 0)
            let limit = "ALTER DATABASE \"\(database.importedName)\" CONNECTION LIMIT"
            try await workplace.postgres.target.sql("\(limit) 0")
            let refused = try await migrate(database)
            #expect(refused.exit == 3, "\(refused.errors)")
            #expect(refused.errors.contains("\(workplace.serverName) takes no more sessions."), "\(refused.errors)")
            #expect(refused.errors.contains("use fewer with --jobs"))
            try await workplace.postgres.target.sql("\(limit) -1")
            try await check(try await migrate(database), database, expected)
        }
    }
}
