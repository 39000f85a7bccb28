import FakeGoogle
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// Ctrl-C while an upload runs.
@Suite(.inTurn) struct CommandInterruptTests {
    static let signals = [Signal.interrupt, .terminate]

    @Test(arguments: signals + [.terminalClosed, .quit])
    func partsOnTheirWayAreFinishedAndNoMoreAreTaken(signal: Signal) async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let stopped = try await place.uploadHeard("--parallel=2") { process, said in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try process.send(signal)
                try await said.wait(for: "Stopping after the parts in flight (at most ")
                place.fake.releaseStalls()
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("Press Ctrl-C again to stop now; only those parts will be sent again."))
            #expect(
                stopped.errors.hasSuffix(
                    "Stopped: 10.5 MB of about 11.0 MB of primary.sql are stored.\n"
                        + "Run the same command to resume: what is stored is not sent again.\n"), "\(stopped.errors)")
            #expect(!stopped.errors.contains("failed") && !stopped.errors.contains("error"))
            let parts = place.fake.requests.filter(\.operation.isPart)
            #expect(parts.map(\.status) == [200, 200])
            #expect(place.objects == [])

            let again = try await place.uploadPrimary()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.partBytes == Int64(CommandDump.medium.rewritten.count))
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    @Test(arguments: signals)
    func secondSignalEndsAtOnce(signal: Signal) async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let stopped = try await place.uploadHeard("--parallel=2") { process, said in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try process.send(signal)
                try await said.wait(for: "Stopping after ")
                try process.send(signal)
                // It does not wait for the store.
                try await said.end()
                place.fake.releaseStalls()
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            let again = try await place.uploadPrimary()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    @Test func partThatFailsAfterCtrlCIsNotSentAgain() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let stopped = try await place.uploadHeard("--parallel=2") { process, said in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try process.send(.interrupt)
                try await said.wait(for: "Stopping after ")
                await place.fake.stop()
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("Stopped: 0 B of about 11.0 MB"), "\(stopped.errors)")
        }
    }

    static let steps: [(FakeOperation, String)] = [
        (.startMultipart, "primary.sql"), (.complete, "primary.sql"), (.startSession, "manifest.json"),
        (.finalChunk, "manifest.json"), (.token, ""),
    ]

    @Test(arguments: steps)
    func stepThatIsStoppedIsDoneTheNextTime(operation: FakeOperation, object: String) async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(operation, of: object, .stall())
            let stopped = try await place.uploadHeard { process, _ in
                try await place.fake.waitUntil { $0.stalled == 1 }
                try process.send(.interrupt)
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("Stopped"), "\(stopped.errors)")
            #expect(stopped.errors.contains("Run the same command to resume"), "\(stopped.errors)")
            let again = try await place.uploadPrimary()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.objects == ["manifest.json", "primary.sql"])
            #expect(place.partBytes == Int64(CommandDump.medium.rewritten.count))
            #expect(place.paidUploads == [] && place.fake.violations == [])
        }
    }

    @Test func interruptionIsTheLastLineForPrograms() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.complete, .stall())
            let stopped = try await place.uploadPrimary("--json") { process in
                try await place.fake.waitUntil { $0.stalled == 1 }
                try process.send(.interrupt)
            }
            #expect(stopped.exit == 130 && stopped.errors == "")
            let last = try #require(stopped.output.split(separator: "\n").last)
            #expect(last.contains("\"code\":\"interrupted\"") && last.contains("Run the same command"), "\(last)")
            #expect(place.fake.violations == [])
        }
    }
}
