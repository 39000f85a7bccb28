import FakeGoogle
import Foundation
import MigrationKit
import Subprocess
import TestClusters
import TestSupport
import Testing

/// A terminal that is closed, or whose ssh connection is lost; and none at all.
@Suite(.inTurn) struct LostTerminalTests {
    /// The shell tells of it, and the system again when the shell has ended.
    @Test func lossThatIsToldTwiceIsNoSecondWish() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let stopped = try await place.uploadHeard("--parallel=2") { process, said in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try process.send(.terminalClosed)
                try await said.wait(for: "Stopping after ")
                try process.send(.terminalClosed)
                try await process.hasTaken(.terminalClosed)
                place.fake.releaseStalls()
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
            #expect(stopped.errors.contains("Stopped: 10.5 MB of about 11.0 MB"), "\(stopped.errors)")
            #expect(place.fake.requests.filter(\.operation.isPart).map(\.status) == [200, 200])
        }
    }

    @Test func ctrlCAfterALostTerminalEndsAtOnce() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let stopped = try await place.uploadHeard("--parallel=2") { process, said in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try process.send(.terminalClosed)
                try await said.wait(for: "Stopping after ")
                try process.send(.interrupt)
                // It does not wait for the store.
                try await said.end()
                place.fake.releaseStalls()
            }
            #expect(stopped.exit == 130, "\(stopped.errors)")
        }
    }

    /// As `nohup` ignores the first, and a shell the second for what it runs in the background.
    @Test(arguments: [("HUP", Signal.terminalClosed), ("INT", .interrupt), ("QUIT", .quit)])
    func signalThatWasIgnoredStaysIgnored(name: String, signal: Signal) async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let uploaded = try await place.uploadHeard("--parallel=2", ignoring: name) { process, _ in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try process.send(signal)
                try process.send(signal)
                try await process.hasTaken(signal)
                place.fake.releaseStalls()
            }
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(!uploaded.errors.contains("Stopping"), "\(uploaded.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
        }
    }

    /// The real thing: whoever holds the terminal is killed, the shell in it dies, and progress is drawn to nobody.
    @Test func uploadStopsWithItsTerminalAndGoesOnWithTheSameCommand() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            // The shell that notes the status outlives it; what it starts does not ignore the signal for that.
            try place.folder.write(
                "lost.sh",
                """
                trap : HUP
                if [ -t 2 ]; then : >terminal; fi
                (trap ': >heard; exit' HUP; : >listening; while :; do sleep 60; done) &
                '\(BuiltPrograms.path("src-snapshot"))' upload -bucket=bucket -credentials=key.json --part-size=5 \
                -file=primary.sql --partial --parallel=2
                echo $? >ended
                mv ended status
                """)
            // Whose session it is: what it runs hears of the loss when it has died of that.
            try place.folder.write("session.sh", "sh lost.sh; true")
            let killed = try await place.workplace.atTerminal(
                "sh session.sh", environment: place.environment.merging(["TERM": "xterm"]) { $1 }
            ) { process in
                try await place.fake.waitUntil { $0.stalled == 2 }
                try await waitUntil("somebody who listens") { place.folder.exists("listening") }
                try process.send(.kill)
            }
            #expect(killed.status == .signaled(Signal.kill.rawValue))
            #expect(place.folder.exists("terminal"))
            // All of the terminal's processes are told at once.
            try await waitUntil("the loss of the terminal") { place.folder.exists("heard") }
            place.fake.releaseStalls()
            try await waitUntil("the end of the upload") { place.folder.exists("status") }
            #expect(try place.folder.text("status") == "130\n")
            #expect(place.objects == [])

            let again = try await place.uploadPrimary()
            #expect(again.exit == 0, "\(again.errors)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    /// What is printed still goes to a terminal, which is not the command's own.
    @Test func commandsWorkWithoutATerminalOfTheirOwn() async throws {
        let workplace = try await Workplace()
        let setsid = try await workplace.shell("command -v setsid")
        try #require(setsid.exit == 0)
        try workplace.writeTargets()
        try await TargetDatabases.withOne { database in
            let name = database.rawValue
            for line in [
                "\(BuiltPrograms.path("src-snapshot")) databases --targets=targets.yaml --only=\(name) --run",
                "\(BuiltPrograms.path("src-snapshot")) upload -bucket=./bucket --partial -file=\(name).sql",
                "\(BuiltPrograms.path("mi-migrate")) import --bucket=./bucket --into=\(workplace.into) --database=\(name) --yes",
            ] {
                let ended = try await workplace.atTerminal(
                    "setsid -w \(line)", environment: ["TERM": "xterm", "PGPASSWORD": workplace.target.password])
                #expect(ended.exit == 0, "\(ended.output)")
            }
        }
    }
}

extension ProcessIdentifier {
    /// Returns when a signal that was sent waits no longer. Where the system does not tell, at once.
    fileprivate func hasTaken(_ signal: Signal) async throws {
        let path = "/proc/\(value)/status"
        try await waitUntil("that signal \(signal.rawValue) is taken") {
            guard let status = try? String(contentsOfFile: path, encoding: .utf8) else { return true }
            let pending = status.split(separator: "\n").filter { $0.hasPrefix("ShdPnd:") || $0.hasPrefix("SigPnd:") }
                .compactMap { UInt64($0.split(whereSeparator: \.isWhitespace).last ?? "", radix: 16) }
            return pending.allSatisfy { $0 & 1 << (UInt64(signal.rawValue) - 1) == 0 }
        }
    }
}
