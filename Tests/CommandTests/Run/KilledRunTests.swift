import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// A run that dies, wherever that is, is taken up by the same command; nothing is done twice that must not be.
@Suite(.inTurnFirst) struct KilledRunTests {
    /// Kills each run as soon as its journal tells of a step what none before it has told, until one comes to the end.
    @Test func runThatIsKilledAtEveryStepIsTakenUpAndFinished() async throws {
        try await RunPlace.with(machine: "local") { place in
            let journal = try await place.journal()
            var seen: Set<String> = []
            var deaths = 0
            while true {
                let before = seen
                let finished = try await place.run { process in
                    var entries = 0
                    while true {
                        // Its folder tells that there is an entry more at a fraction of what it takes to read it.
                        let count = (try? place.workplace.folder.list(place.journalFolder).count) ?? 0
                        if count != entries {
                            entries = count
                            if try await !Self.moments(journal).isSubset(of: before) { break }
                        }
                        if try process.hasEnded { return }
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    try? process.send(.kill)
                }
                seen = try await Self.moments(journal)
                guard finished.status == .signaled(Signal.kill.rawValue) else {
                    try await place.checkIsDone(finished, "after \(deaths) deaths")
                    break
                }
                deaths += 1
                try #require(seen != before, "killed for nothing")
            }
            // Usually at least one in each step. On a busy machine many entries are seen at once.
            #expect(deaths >= MigrationStep.allCases.count / 3)
            #expect(try place.migrations("upgrade") == 1)
        }
    }

    /// Beginnings and ends of steps, as the journal has them by now.
    private static func moments(_ journal: MigrationJournal) async throws -> Set<String> {
        try await journal.read()
        return Set(
            await journal.entries.compactMap { entry in
                switch entry.event {
                case .began(let step, _): "began \(step)"
                case .finished(let step, _): "finished \(step)"
                case .completed: "completed"
                default: nil
                }
            })
    }

    /// How many entries its journal has and how many commands were run on the VM.
    private static func deeds(_ place: RunPlace) throws -> Int {
        let entries = (try? place.workplace.folder.list(place.journalFolder).count) ?? 0
        return try entries + place.host.invocations().count
    }

    @Test func runThatIsKilledAtRandomIsTakenUpAndFinished() async throws {
        try await RunPlace.with { place in
            var generator = SplitMix(seed: 6)
            for death in 1... {
                // By what it has done and not by the clock, which knows nothing of how fast that goes here; and somewhere
                // in what it does next.
                let goal = try Self.deeds(place) + Int.random(in: 1...12, using: &generator)
                let delay = Int.random(in: 0...100, using: &generator)
                let finished = try await place.run { process in
                    while try Self.deeds(place) < goal {
                        if try process.hasEnded { return }
                        try await Task.sleep(for: .milliseconds(10))
                    }
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
