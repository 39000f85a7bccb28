import FakeGoogle
import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// `upload --split` that is killed in the middle of a part goes on.
@Suite(.inTurn) struct CommandSplitTests {
    /// Three parts with rows, each too large to be sent in one piece.
    private static let dump = CommandDump(rows: 44_000_000)
    private static let data = (1...3).map { "primary.20-data-000\($0).sql" }
    private static let part: Int64 = 5 << 20

    private func upload(
        _ place: CommandPlace, whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await place.uploadPrimary("--split=16MiB", "--parallel=2", whileRunning: whileRunning)
    }

    @Test(arguments: [0, 1, 2])
    func killedUploadGoesOn(stopped: Int) async throws {
        try await CommandPlace.with([.primary: Self.dump]) { place in
            place.fake.fault(.part(2), of: Self.data[stopped], .stall(afterBytes: 1 << 20))
            let killed = try await upload(place) { process in
                try await place.fake.waitUntil {
                    $0.stalled == 1 || $0.requests.contains { $0.object == "manifest.json" }
                }
                try? process.send(.kill)
            }
            #expect(killed.exit != 0)
            place.fake.releaseStalls()
            try await place.fake.waitUntilQuiet()
            #expect(place.object(Self.data[stopped]) == nil && place.object("manifest.json") == nil)

            let last = try await upload(place)
            #expect(last.exit == 0, "\(last.errors)")
            #expect(last.output.contains("primary.sql in 6 parts"), "\(last.output)")
            let manifest = try JSONDecoder().decode(
                SnapshotManifest.self, from: try #require(place.object("manifest.json")))
            var text = Data()
            for one in try #require(manifest.databases.first).parts {
                let object = try #require(place.object(one.object.name))
                text += object.dropFirst(one.prologue).dropLast(one.epilogue)
                #expect(Int64(object.count) == one.object.size)
            }
            #expect(text == Self.dump.rewritten)
            for name in Self.data {
                let size = Int64(try #require(place.object(name)).count)
                let sent = place.fake.requests.filter { $0.object == name && $0.operation.isPart }
                    .reduce(0) { $0 + $1.bodyBytes }
                #expect(sent <= (name == Self.data[stopped] ? size + 2 * Self.part : size), "\(name)")
            }
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }
}
