import TestClusters
import Testing

/// The files that `init` writes, and how what the commands say is shown.
@Suite(.inTurn) struct InitCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func run(_ program: Program, _ arguments: String...) async throws -> Workplace.Finished {
        try await workplace.run(BuiltPrograms.path(program.rawValue), arguments)
    }

    @Test func targetsFileIsMadeOnce() async throws {
        let made = try await run(.snapshot, "init", "docker")
        #expect(made.exit == 0 && made.output == "")
        #expect(
            made.errors
                == "Wrote targets.yaml. Check its values. Next: src-snapshot check docker --targets=targets.yaml\n")
        #expect(try workplace.folder.mode("targets.yaml") == 0o600)
        let printed = try await run(.snapshot, "databases", "docker", "--targets=targets.yaml")
        #expect(printed.exit == 0 && printed.output.contains("codeintel-db"), "\(printed.errors)")
        try workplace.folder.write("targets.yaml", "mine")
        let again = try await run(.snapshot, "init", "docker")
        #expect(again.exit == 2 && again.errors.contains("--force"))
        #expect(try workplace.folder.text("targets.yaml") == "mine")
    }

    @Test func settingsFileHoldsWhatFlagsSayAndNoPassword() async throws {
        let made = try await run(
            .migrate, "init", "--bucket=./bucket", "--into=postgres://admin:hunter2@db.example.com/postgres",
            "--machine=ssh://sre@10.0.0.4")
        #expect(made.exit == 0, "\(made.errors)")
        #expect(made.errors.hasSuffix("Wrote migration.yaml. Check its values. Next: mi-migrate config\n"))
        #expect(try workplace.folder.mode("migration.yaml") == 0o600)
        #expect(try !workplace.folder.text("migration.yaml").contains("hunter2"))
        let shown = try await run(.migrate, "config")
        #expect(shown.exit == 0, "\(shown.errors)")
        for text in ["ssh://sre@10.0.0.4", "postgres://admin@db.example.com/postgres", "bucket"] {
            #expect(shown.output.contains(text), "\(shown.output)")
        }
    }

    @Test func whatIsSaidQuietlyIsInTheLogWithItsTime() async throws {
        let made = try await run(.snapshot, "init", "--quiet", "--log-file=log")
        #expect(made.exit == 0 && made.errors == "" && made.output == "")
        let again = try await run(.snapshot, "init", "-q", "--log-file", "log", "--color=always")
        #expect(again.exit == 2 && again.errors.hasPrefix("\u{1B}[31merror:\u{1B}[0m targets.yaml already exists."))
        #expect(try workplace.folder.mode("log") == 0o600)
        let log = try workplace.folder.text("log").split(separator: "\n")
        #expect(log.count == 3 && log.allSatisfy { $0.firstMatch(of: #/^[0-9T:-]+Z /#) != nil }, "\(log)")
        #expect(log[0].hasSuffix("--targets=targets.yaml") && log[1].hasSuffix("error: targets.yaml already exists."))
    }

    @Test func logThatCannotBeWrittenIsWrongUsage() async throws {
        let refused = try await run(.snapshot, "init", "--log-file=none/log")
        #expect(refused.exit == 2 && refused.errors.contains("none/log"), "\(refused.errors)")
        #expect(!workplace.folder.exists("targets.yaml"))
    }

    @Test(arguments: Program.allCases, ["bash", "zsh", "fish"])
    func completionOffersEachNameOnce(program: Program, shell: String) async throws {
        let script = try await run(program, "completion", shell)
        #expect(script.exit == 0 && script.errors == "")
        #expect(script.output.contains(program.rawValue) && script.output.contains("completion"))
        #expect(script.output.firstMatch(of: #/[ '"(]-bucket\b/#) == nil)
    }
}
