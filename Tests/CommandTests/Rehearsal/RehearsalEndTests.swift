import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// However a rehearsal ends, neither its server nor its folder is left.
@Suite(.inTurn) struct RehearsalEndTests {
    let place: RehearsalPlace

    init() async throws { place = try await RehearsalPlace() }

    @Test func killedRehearsalLeavesNothing() async throws {
        try await place.workplace.upload(BigDump.waiting, as: .primary)
        let killed = try await place.rehearse("--database=primary") { process in
            try await place.waitForLoad(of: process)
            #expect(try place.scratch.list("").count == 1)
            try process.send(.kill)
        }
        #expect(killed.status == .signaled(Signal.kill.rawValue))
        try await place.waitUntilClean()
    }

    @Test func rehearsalThatIsKilledAtItsStartLeavesNothing() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        let killed = try await place.rehearse("--database=primary") { process in
            // There is a folder, and no server in it yet.
            try await waitUntil("a folder in \(place.scratch.path)") {
                try place.scratch.list(".").contains { $0.hasPrefix("rehearsal.") }
            }
            try process.send(.kill)
        }
        #expect(killed.status == .signaled(Signal.kill.rawValue))
        try await place.waitUntilClean()
    }

    @Test(arguments: [Signal.interrupt, .terminate, .terminalClosed])
    func interruptedRehearsalLeavesNothing(signal: Signal) async throws {
        try await place.workplace.upload(BigDump.waiting, as: .primary)
        let interrupted = try await place.rehearse("--database=primary") { process in
            try await place.waitForLoad(of: process)
            try process.send(signal)
        }
        #expect(interrupted.exit == 130)
        #expect(interrupted.errors.contains("Interrupted."), "\(interrupted.errors)")
        #expect(!interrupted.errors.contains("failed") && interrupted.output == "")
        #expect(try await place.isClean())
    }

    /// The second signal is not waited for; what takes the server away does not end by it.
    @Test func rehearsalThatIsInterruptedTwiceLeavesNothing() async throws {
        try await place.workplace.upload(BigDump.waiting, as: .primary)
        let interrupted = try await place.rehearse("--database=primary") { process in
            try await place.waitForLoad(of: process)
            for signal in [Signal.interrupt, .terminate] { try process.send(signal) }
        }
        #expect(interrupted.exit == 130)
        try await place.waitUntilClean()
    }

    @Test func folderIsForItsOwnerAloneAndHasNoPort() async throws {
        try await place.workplace.upload(BigDump.waiting, as: .primary)
        let interrupted = try await place.rehearse("--database=primary") { process in
            try await place.waitForLoad(of: process)
            let folder = try #require(try place.scratch.list("").first)
            #expect(try place.scratch.mode(folder) == 0o700)
            // Its fifth line is the port, the sixth the address that is listened at.
            let lines = try place.scratch.text("\(folder)/data/postmaster.pid")
                .split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[4].hasSuffix(folder) && lines[5] == "", "\(lines)")
            #expect(try !place.scratch.list(folder).contains("password"))
            try process.send(.interrupt)
        }
        #expect(interrupted.exit == 130)
    }

    @Test func lastLinesOfAServerThatDoesNotStartAreShown() async throws {
        try await place.workplace.upload(SmallDump.text, as: .primary)
        let bin = place.workplace.postgres.bin
        for program in ["initdb", "postgres", "psql"] {
            try place.scratch.write("bin/\(program)", "#!/bin/sh\nexec '\(bin)/\(program)' \"$@\"\n", mode: 0o755)
        }
        // The setting is wrong, and the real server says so.
        try place.scratch.write(
            "bin/pg_ctl",
            """
            #!/bin/sh
            for last do :; done
            if [ "$last" = start ]; then echo 'no_such_setting = 1' >>data/postgresql.conf; fi
            exec '\(bin)/pg_ctl' "$@"

            """, mode: 0o755)
        let failed = try await place.rehearse("--database=primary", "--postgres-bin=\(place.scratch.path)/bin")
        #expect(failed.exit == 1)
        #expect(failed.errors.contains("did not start in "), "\(failed.errors)")
        #expect(failed.errors.contains("unrecognized configuration parameter \"no_such_setting\""), "\(failed.errors)")
        try place.scratch.remove("bin")
        #expect(try await place.isClean())
    }
}
