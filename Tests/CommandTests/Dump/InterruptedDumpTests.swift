import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// `src-snapshot` ends while it dumps.
@Suite(.inTurn) struct InterruptedDumpTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    @Test(arguments: [Signal.interrupt, .terminate, .terminalClosed])
    func interruptedDumpLeavesNothing(signal: Signal) async throws {
        let source = workplace.postgres.source
        let name = "stopped_by_\(signal.rawValue)"
        try await source.withDatabase(name, "CREATE TABLE slow ()") {
            try workplace.writeTargets { database, lines in if database == .codeintel { lines.dbname = name } }
            let older = "-- an older dump\n"
            try workplace.folder.write("src-snapshot/codeintel.sql", older)
            try await source.holding("LOCK TABLE slow", in: name) {
                let interrupted = try await workplace.snapshot(
                    "databases", "pg_dump", "--targets=targets.yaml", "--run", "--force", "--only=codeintel",
                    whileRunning: { process in
                        try await source.waitForDump(of: name)
                        try process.send(signal)
                    })
                #expect(interrupted.exit == 130)
                #expect(interrupted.errors.contains("Interrupted."))
                #expect(!interrupted.errors.contains("failed"), "\(interrupted.errors)")
                #expect(try workplace.folder.list("src-snapshot") == ["codeintel.sql"])
                #expect(try workplace.folder.text("src-snapshot/codeintel.sql") == older)
                // The lock is still held, so pg_dump has not ended by itself.
                try await source.wait(
                    until:
                        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '\(name)' AND application_name = 'pg_dump')"
                )
            }
        }
    }

    @Test func interruptedDumpStopsTheProgramsOfAWrapper() async throws {
        try workplace.writeTargets()
        _ = try await workplace.shell("mkfifo half")
        try workplace.standIn(
            "pg_dump",
            script: """
                [ "$1" != --version ] || exec "\(workplace.postgres.bin)/pg_dump" "$@"
                printf -- '--\\n-- PostgreSQL database dump\\n--\\n'
                sleep 600 &
                echo $! >half
                wait
                """)
        let interrupted = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--only=primary",
            whileRunning: { process in
                let child = try await workplace.shell("cat half").output
                try process.send(.interrupt)
                try workplace.folder.write("child", child)
            })
        #expect(interrupted.exit == 130)
        let child = try workplace.folder.text("child").split(separator: "\n").first ?? "none"
        let alive = try await workplace.shell("ps -o state= -p \(child) | grep -v Z")
        #expect(alive.output == "")
        #expect(try workplace.folder.list("src-snapshot") == [])
    }

    @Test func programOfAKilledRunCannotReachTheNextDump() async throws {
        try workplace.writeTargets()
        _ = try await workplace.shell("mkfifo started go ended")
        let real = workplace.postgres.bin.appending("pg_dump")
        try workplace.standIn(
            "pg_dump",
            script: """
                [ "$1" != --version ] || exec "\(real)" "$@"
                echo >started
                cat go >/dev/null
                echo GARBAGE
                echo >ended
                """)
        let killed = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--only=primary",
            whileRunning: { process in
                _ = try await workplace.shell("cat started")
                try process.send(.kill)
            })
        #expect(killed.status == .signaled(Signal.kill.rawValue))
        #expect(workplace.folder.exists("src-snapshot/primary.sql.part"))
        #expect(!workplace.folder.exists("src-snapshot/primary.sql"))

        // The next run is in its middle while the first one's program writes.
        try workplace.standIn(
            "pg_dump",
            script: """
                [ "$1" != --version ] || exec "\(real)" "$@"
                echo >go
                cat ended >/dev/null
                exec "\(real)" "$@"
                """)
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--only=primary")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(!workplace.folder.exists("src-snapshot/primary.sql.part"))
        let verified = try await workplace.snapshot("verify")
        #expect(verified.exit == 0, "\(verified.errors)")
        #expect(verified.errors.contains("whole and unaltered"))
    }
}
