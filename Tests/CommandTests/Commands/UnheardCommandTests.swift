import MigrationKit
import TestClusters
import Testing

/// Nobody reads what the commands print. Standard error is ignored then, and standard output that is lost is an error.
@Suite(.inTurn) struct UnheardCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// Their exit statuses, and what each has said on standard error where that is heard.
    private func run(_ lines: [String], _ redirection: String) async throws -> [(status: String, said: String)] {
        let told = #"; printf '%s|%s@\n' "$?" "$(cat said)""#
        let script = lines.map { "\($0) \(redirection)\(told)" }.joined(separator: "\n")
        let finished = try await workplace.deafShell(": >said\n\(script)")
        let ends = finished.output.split(separator: "@\n").map { $0.split(separator: "|", maxSplits: 1) }
        try #require(ends.count == lines.count, "\(finished.output)\n\(finished.errors)")
        return ends.map { (String($0[0]), $0.count > 1 ? String($0[1]) : "") }
    }

    // MARK: Every command

    @Test(arguments: Program.allCases, DeafEar.here)
    func helpThatCannotBeWrittenIsAnError(program: Program, ear: DeafEar) async throws {
        // Each command meets one of them: what writes is the same for all.
        let turn = try #require(DeafEar.here.firstIndex(of: ear))
        let commands = ([[]] + (try program.commands())).enumerated().filter { $0.offset % DeafEar.here.count == turn }
        let lines = commands.map(\.element).flatMap { command in
            ["--help", "--version"].map { ([program.rawValue] + command + [$0]).joined(separator: " ") }
        }
        for (line, end) in zip(lines, try await run(lines, ">\(ear.rawValue) 2>said")) {
            #expect(end.status == "1", "\(line): \(end)")
            #expect(end.said.hasPrefix("error: Cannot write to standard output: \(ear.reason)."), "\(line): \(end)")
            #expect(end.said.contains("\nRedirect standard output to a file"), "\(line): \(end)")
        }
    }

    @Test(arguments: Program.allCases)
    func commandEndsAsItWouldIfItWereHeard(program: Program) async throws {
        let lines = try program.commands().flatMap { command in
            // It writes a file, and would find it the next time.
            let options = command == ["init"] ? ["--force"] : []
            return ["", " --bogus"].map { ([program.rawValue] + command + options).joined(separator: " ") + $0 }
        }
        let heard = try await run(lines, ">/dev/null 2>said")
        #expect(heard.contains { $0.status == "2" } && heard.contains { $0.status != "2" })
        let ears = DeafEar.here
        let deaf = lines.enumerated().map { "\($1) >/dev/null 2>\(ears[$0 % ears.count].rawValue)" }
        #expect(try await run(deaf, "").map(\.status) == heard.map(\.status))
    }

    // MARK: Standard error

    @Test(arguments: DeafEar.here)
    func workOfTheCustomerIsDoneUnheard(ear: DeafEar) async throws {
        try workplace.writeTargets()
        let lines = [
            "src-snapshot databases pg_dump --targets=targets.yaml --run -v", "src-snapshot verify",
            "src-snapshot upload -bucket=./bucket --without-summary", "src-snapshot verify -bucket=./bucket --json",
        ]
        let ends = try await run(lines, ">/dev/null 2>\(ear.rawValue)")
        #expect(ends.map(\.status) == ["0", "0", "0", "0"])
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
    }

    @Test(arguments: DeafEar.here)
    func importIsDoneUnheard(ear: DeafEar) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let line =
                "mi-migrate import --bucket=./bucket --into=\(workplace.into) --database=\(database.rawValue) --yes"
            let ends = try await run([line], ">/dev/null 2>\(ear.rawValue)")
            #expect(ends.map(\.status) == ["0"])
            #expect(try await people(database) == "5")
        }
    }

    private func people(_ database: Database) async throws -> String {
        try await workplace.target.sql("SELECT count(*) FROM people", in: database.importedName)
    }

    /// The numbers of closed descriptors go to the files that are opened next: the dumps.
    @Test func nothingThatIsSaidGoesIntoAFile() async throws {
        try workplace.writeTargets()
        let lines = [
            "src-snapshot databases pg_dump --targets=targets.yaml --run -v",
            "src-snapshot upload -bucket=./bucket --without-summary -v",
        ]
        let ends = try await run(lines, "<&- >&- 2>&-")
        // What they have done cannot be printed.
        #expect(ends.map(\.status) == ["1", "1"])
        for arguments in [["verify"], ["verify", "-bucket=./bucket"]] {
            let verified = try await workplace.run(BuiltPrograms.path("src-snapshot"), arguments)
            #expect(verified.exit == 0, "\(verified.errors)")
        }
        for database in Database.allCases {
            let dump = try workplace.folder.text("src-snapshot/\(database.dumpName)")
            #expect(!dump.contains("running ") && dump.hasPrefix("--\n-- PostgreSQL database dump"))
        }
    }

    // MARK: Standard output

    @Test(arguments: DeafEar.here)
    func dataThatCannotBeWrittenIsAnError(ear: DeafEar) async throws {
        try workplace.writeTargets()
        try await workplace.takeExample("bucket")
        let into = "--bucket=./bucket --into=\(workplace.into)"
        let lines = [
            "src-snapshot databases pg_dump --targets=targets.yaml", "src-snapshot databases --json",
            "src-snapshot databases pg_dump --targets=targets.yaml --run", "src-snapshot verify --json",
            "src-snapshot verify -bucket=./bucket --json", "mi-migrate config \(into)",
            "mi-migrate config \(into) --json", "mi-migrate plan \(into) -o plan.json",
            "mi-migrate plan \(into) -o again.json --json", "mi-migrate import \(into) --dry-run",
            "mi-migrate status \(into)", "mi-migrate report \(into)", "mi-migrate report \(into) -o report.json --json",
        ]
        // They look at the server, where others import.
        let ends = try await TargetDatabases.withAll { try await run(lines, ">\(ear.rawValue) 2>said") }
        for (line, end) in zip(lines, ends) {
            #expect(end.status == "1", "\(line): \(end)")
            let said = "error: Cannot write to standard output: \(ear.reason). Everything else is done.\n"
            #expect(end.said.contains(said), "\(line): \(end)")
        }
        for name in ["plan.json", "again.json", "report.html", "report.json"] { #expect(workplace.folder.exists(name)) }
    }

    /// With `--json` from the first event on.
    @Test(arguments: DeafEar.here, ["", "--json"])
    func importGoesToItsEndAllTheSame(ear: DeafEar, option: String) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let line =
                "mi-migrate import --bucket=./bucket --into=\(workplace.into) --database=\(database.rawValue) --yes"
            let end = try #require(try await run(["\(line) \(option)"], ">\(ear.rawValue) 2>said").first)
            #expect(end.status == "1" && end.said.contains("\(ear.reason). Everything else is done."), "\(end)")
            #expect(try await people(database) == "5")
        }
    }

    @Test(arguments: DeafEar.here)
    func failureKeepsItsStatusAndIsToldInWords(ear: DeafEar) async throws {
        let lines = [
            "src-snapshot verify -bucket=./none --json",
            "mi-migrate import --bucket=./b --into=postgres://h/d --yes --json",
        ]
        for end in try await run(lines, ">\(ear.rawValue) 2>said") {
            #expect(end.status == "3")
            let said = end.said.split(separator: "\n")
            #expect(said.first == "error: Cannot write to standard output: \(ear.reason).", "\(end)")
            #expect(said.contains { $0.hasPrefix("error: ") && !$0.contains("standard output") }, "\(end)")
            #expect(!end.said.contains("All else was done"))
        }
    }

    @Test func fileThatMayNotGrowIsAnError() async throws {
        let printed = try await workplace.shell("ulimit -f 0; exec src-snapshot --help >help")
        #expect(printed.exit == 1, "\(printed.status)")
        #expect(
            printed.errors.hasPrefix("error: Cannot write to standard output: File too large."), "\(printed.errors)")
    }
}
