import Foundation
import MigrationKit
import Subprocess
import Testing

/// A run that dies, wherever that is, is taken up by the same command; nothing is done twice that must not be.
@Suite(.inTurn, .timeLimit(.minutes(30))) struct KilledRunTests {
    /// Kills each run as soon as its journal has an entry more that is not only its lease, until one comes to the end.
    @Test func runThatIsKilledAfterEveryEntryIsTakenUpAndFinished() async throws {
        try await RunPlace.with(machine: "local") { place in
            var deaths = 0
            while true {
                let before = try await Self.steps(place)
                let finished = try await place.run { process in
                    while try await Self.steps(place) == before {
                        if try process.hasEnded { return }
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    try? process.send(.kill)
                }
                guard finished.status == .signaled(Signal.kill.rawValue) else {
                    try await place.checkIsDone(finished, "after \(deaths) deaths")
                    break
                }
                deaths += 1
                try #require(deaths < 200, "it does not come to an end")
            }
            #expect(deaths > 30)
            #expect(try place.migrations("upgrade") == 1)
        }
    }

    /// Entries of the journal that tell of work: a new run writes one that does not.
    private static func steps(_ place: RunPlace) async throws -> Int {
        let names = (try? place.workplace.folder.list(place.journalFolder)) ?? []
        var count = 0
        for name in names where name.hasSuffix(".json") && name.count == 11 {
            let text = try place.workplace.folder.text("\(place.journalFolder)/\(name)")
            if !text.contains("\"working\"") && !text.contains("\"released\"") { count += 1 }
        }
        return count
    }

    @Test func runThatIsKilledAtRandomIsTakenUpAndFinished() async throws {
        try await RunPlace.with { place in
            var generator = SplitMix(seed: 6)
            for death in 1... {
                let delay = Int.random(in: 100...2500, using: &generator)
                let finished = try await place.run { process in
                    try await Task.sleep(for: .milliseconds(delay))
                    try? process.send(.kill)
                }
                if finished.status != .signaled(Signal.kill.rawValue) {
                    try await place.checkIsDone(finished, "after \(death - 1) deaths")
                    break
                }
                if death == 12 {
                    try await place.checkIsDone(try await place.run(), "after \(death) deaths")
                    break
                }
            }
            #expect(try place.migrations("upgrade") == 1)
        }
    }
}

extension ProcessIdentifier {
    /// Whether there is no such process any more, or only what is left of it.
    fileprivate var hasEnded: Bool {
        get throws {
            let stat = try? String(contentsOfFile: "/proc/\(value)/stat", encoding: .utf8)
            return stat.map { $0.contains(") Z ") } ?? (kill(value, 0) != 0)
        }
    }
}
