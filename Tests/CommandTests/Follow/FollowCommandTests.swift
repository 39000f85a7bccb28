import Foundation
import LoopbackServers
import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// `mi-migrate import --follow` as it is run: beside the customer's command, and killed.
@Suite(.inTurnFirst) struct FollowCommandTests {
    /// Beside a real run that is held in its middle: what is there by then is loaded by then.
    @Test(arguments: [[], ["--gzip"]])
    func importFollowsARunThatIsStillReading(options: [String]) async throws {
        try await TargetDatabases.withAll {
            try await ExportPlace.withRelay("followed\(options.count)", ExportPlace.ledger) { place, relay in
                relay.holdOne(after: ExportPlace.midway)
                try FileManager.default.createDirectory(
                    atPath: place.folder.file("bucket").string, withIntermediateDirectories: true)
                async let followed = place.migrate("--follow", "--wait=10m")
                let exported = try await place.run(options.first ?? "--part-size=16MiB", "--jobs=3") { _ in
                    try await relay.waitUntilHeld()
                    try await waitUntil("rows of the primary database", last: "\((try? await place.loads()) ?? [])") {
                        try await place.loads().contains { $0.contains(".primary.20-data-0001") }
                    }
                    let status = try await place.workplace.migrate(
                        "status", "--bucket=./bucket", "--into=\(place.workplace.into)", "--journal=./journal")
                    #expect(status.exit == 0 && status.errors.contains("Following run-"), "\(status.errors)")
                    relay.release()
                }
                #expect(exported.exit == 0, "\(exported.errors)")
                let finished = try await followed
                #expect(finished.exit == 0, "\(finished.errors)")
                #expect(finished.errors.contains("Resuming the import"), "\(finished.errors)")
                #expect(finished.errors.contains("holds exactly the rows that were dumped."), "\(finished.errors)")
                let dumps = try await place.dumps()
                let plain = try await place.migrate("--start-over")
                #expect(plain.exit == 0, "\(plain.errors)")
                #expect(try await place.dumps() == dumps)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func followerThatIsKilledAgainAndAgainGoesOn(seed: UInt64) async throws {
        try await FollowPlace.with { place in
            var generator = SplitMix(seed: seed)
            try await place.begin()
            var rest = place.names(.data)[...]
            let folder = "journal/mi-migrate/\(place.workplace.serverName)"
            for jobs in [1, 4, 2, 3, 1, 2] {
                let entries = Int.random(in: 1...12, using: &generator)
                let delay = Int.random(in: 0...60, using: &generator)
                try await place.put(rest.prefix(4))
                rest = rest.dropFirst(4)
                let before = (try? place.workplace.folder.list(folder).count) ?? 0
                let killed = try await place.command("--follow", "--jobs=\(jobs)") { process in
                    // By what it has done, and somewhere in what it does next; or while nothing is left to do but wait.
                    let written = { ((try? place.workplace.folder.list(folder).count) ?? 0) - before }
                    while written() < entries, kill(process.value, 0) == 0 {
                        if try await place.isIdle(in: folder) { break }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    try await Task.sleep(for: .milliseconds(delay))
                    try? process.send(.kill)
                }
                #expect(killed.exit == nil, "\(killed.errors)")
            }
            try await place.complete()
            let last = try await place.command(seed % 2 == 0 ? "--follow" : "--jobs=3")
            #expect(last.exit == 0, "\(last.errors)")
            #expect(last.errors.contains("Resuming the import"), "\(last.errors)")
            #expect(last.errors.contains("exactly the rows that were dumped"), "\(last.errors)")
            let dump = try await PartLoader(workplace: place.workplace).dump(place.database.importedName).sorted()
            #expect(dump == place.expected, "\(dump.difference(from: place.expected))")
        }
    }

    @Test func whatCannotBeFollowedIsRefused() async throws {
        let workplace = try await Workplace()
        try workplace.folder.write("bucket/notes.txt", "")
        let into = "--into=\(workplace.into)"
        for (arguments, message) in [
            (["--follow", "--dry-run"], "omit --follow"), (["--wait=1m"], "--wait is for --follow."),
            (["--follow", "--until=reset"], "--until=reset stops before"),
        ] {
            let refused = try await workplace.run(
                BuiltPrograms.path("mi-migrate"), ["import", "--bucket=./bucket", into, "--yes"] + arguments,
                environment: ["PGPASSWORD": workplace.target.password])
            #expect(refused.exit == 2 && refused.errors.contains(message), "\(refused.errors)")
        }
    }
}

extension ExportPlace {
    fileprivate func migrate(_ arguments: String...) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            [
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--journal=./journal", "--yes",
                "--confirm=\(workplace.serverName)", "--terminate-connections",
            ] + arguments, environment: ["PGPASSWORD": workplace.target.password])
    }

    /// What the journal says is loaded.
    fileprivate func loads() async throws -> [String] {
        let folder = folder.file("journal/mi-migrate/\(workplace.serverName)")
        let journal = MigrationJournal(store: DirectoryStore(path: folder))
        try await journal.read()
        let loaded = await journal.state.steps.filter { $0.name.step == .load && $0.finishedAt != nil }
        return loaded.map(\.name.description)
    }

    fileprivate func dumps() async throws -> [[Substring]] {
        let loader = PartLoader(workplace: workplace)
        var dumps: [[Substring]] = []
        for database in Database.allCases { dumps.append(try await loader.dump(database.importedName).sorted()) }
        return dumps
    }
}

extension FollowPlace {
    fileprivate func command(
        _ arguments: String..., whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"),
            [
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes",
                "--journal=./journal", "--terminate-connections",
            ] + arguments, environment: ["PGPASSWORD": workplace.target.password], whileRunning: whileRunning)
    }

    /// Whether all parts that are there are loaded.
    fileprivate func isIdle(in folder: String) async throws -> Bool {
        let journal = MigrationJournal(store: DirectoryStore(path: workplace.folder.file(folder)))
        // An entry that is being written may be missing.
        guard (try? await journal.read()) != nil else { return false }
        let loaded = await journal.state.steps.filter { $0.name.step == .load && $0.finishedAt != nil }
        return try loaded.count == workplace.folder.list("bucket").count { $0.contains(/10-schema|20-data/) }
    }
}
