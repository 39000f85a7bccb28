import TestClusters
import Testing

/// The started programs say what this process reads in their command lines: that, and with which status and on which of the
/// two outputs.
@Suite(.inTurn) struct CommandLineTests {
    static let lines = [
        "", "--help", "-h", "help", "--version", "-version", "bogus", "--bogus", "-hlep", "notice", "notice -help",
        "notice bogus", "help notice",
    ]
    static let snapshotLines = [
        "upload --help", "upload -help", "help upload", "verify --version", "upload", "upload -bucket",
        "upload -bucket=./b --split=15MiB", "verify -hucket=./b", "databases docker kubectl", "upload --json",
        "databases --stall-timeout=0 -json",
    ]
    static let migrateLines = [
        "import --help", "help import", "resources", "import --until=then --json", "test --wait=10",
        "run --skip=upgrade",
    ]

    private func isSaid(_ program: Program, _ line: String) async throws {
        let arguments = line.split(separator: " ").map(String.init)
        let read = try program.reply(arguments)
        let workplace = try await Workplace()
        let started = try await workplace.run(BuiltPrograms.path(program.rawValue), arguments)
        #expect(started.exit == read.exit && started.exit != nil)
        #expect(started.output == read.output)
        #expect(started.errors == read.errors)
        #expect(!(started.output + started.errors).isEmpty)
        #expect(try workplace.folder.list(".") == ["bin"])
    }

    @Test(arguments: lines) func whatBothAreAskedIsSaid(line: String) async throws {
        for program in Program.allCases { try await isSaid(program, line) }
    }

    @Test(arguments: snapshotLines) func whatTheCustomersProgramIsAskedIsSaid(line: String) async throws {
        try await isSaid(.snapshot, line)
    }

    @Test(arguments: migrateLines) func whatTheOperatorsProgramIsAskedIsSaid(line: String) async throws {
        try await isSaid(.migrate, line)
    }

    /// Read is not done.
    @Test func commandThatCanBeReadIsNotRefused() throws {
        for arguments in [["verify"], ["databases", "docker"], ["upload", "-bucket=./b"]] {
            guard case .command = Program.snapshot.read(arguments) else {
                Issue.record("\(arguments)")
                continue
            }
        }
    }
}
