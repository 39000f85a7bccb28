import Foundation
import MigrationKit
import Subprocess
import TestClusters
import TestSupport
import Testing

/// A dump in parts that is loaded on several sessions at once comes to what one session makes of it, however often it is
/// cut off.
@Suite(.inTurn) struct LaneImportTests {
    let place: LanePlace

    init() async throws { place = try await LanePlace() }

    @Test(arguments: [3000, 60_000])
    func lanesMakeWhatOneSessionMakes(size: Int64) async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await place.loader.upload(
                HostileDump.text, as: database, size: size, compresses: size == 60_000)
            let expected = try await place.loader.expected(entry)
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func importThatIsKilledAgainAndAgainGoesOn(seed: UInt64) async throws {
        var generator = SplitMix(seed: seed)
        let deaths = (1...6).map { _ in
            (entries: Int.random(in: 1...8, using: &generator), delay: Int.random(in: 0...60, using: &generator))
        }
        try await TargetDatabases.withOne { database in
            let entry = try await place.loader.upload(HostileDump.text, as: database, size: 8000)
            let expected = try await place.loader.expected(entry)
            let folder = "journal/mi-migrate/\(place.workplace.serverName)"
            for death in deaths {
                let before = (try? place.workplace.folder.list(folder).count) ?? 0
                let killed = try await place.migrate(database) { process in
                    // By what it has done, and somewhere in what it does next.
                    while ((try? place.workplace.folder.list(folder).count) ?? 0) < before + death.entries {
                        if kill(process.value, 0) != 0 { return }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    try await Task.sleep(for: .milliseconds(death.delay))
                    try? process.send(.kill)
                }
                #expect(killed.exit ?? 0 == 0, "\(killed.errors)")
            }
            try await place.check(try await place.migrate(database), database, expected)
        }
    }

    /// A part that is there and of which the journal knows nothing, and an index.
    @Test func whatIsThereIsNotLoadedTwice() async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await place.loader.upload(HostileDump.text, as: database, size: 30_000)
            let expected = try await place.loader.expected(entry)
            #expect(try await place.migrate(database, "--until=extensions").exit == 0)
            let parts = entry.parts.filter { $0.kind == .schema || $0.kind == .data }
            try await place.loader.loadWell(parts.prefix(2), into: database.importedName)
            try await place.check(try await place.migrate(database), database, expected)
        }
    }
}
