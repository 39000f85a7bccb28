import Testing

/// What the commands tell of themselves.
@Suite(.inTurn) struct HelpTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private static let programs = ["src-snapshot", "mi-migrate"]

    private func run(_ program: String, _ arguments: [String]) async throws -> Workplace.Finished {
        try await workplace.run(Workplace.built(program), arguments)
    }

    /// The names that a program's help, or that of one of its commands, lists under `SUBCOMMANDS`.
    private func subcommands(of program: String, _ command: [String] = []) async throws -> [String] {
        let help = try await run(program, command + ["--help"]).output
        let lines = help.split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }.dropFirst()
        // A name is indented by two; what is said of it, by more.
        return lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("See '") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    /// All commands that do something: `["notice", "add"]`.
    private func commands(of program: String) async throws -> [[String]] {
        var commands: [[String]] = []
        for name in try await subcommands(of: program) {
            let inner = try await subcommands(of: program, [name])
            commands += inner.isEmpty ? [[name]] : inner.map { [name, $0] }
        }
        return commands
    }

    /// The lines under `OPTIONS` that name options: their names, and whether they take a value.
    private func options(in help: String) -> [(names: [String], takesValue: Bool)] {
        help.split(separator: "\n").drop { $0 != "OPTIONS:" }.filter { $0.hasPrefix("  -") }.map { line in
            let words = line.split(separator: " ").prefix { $0.hasPrefix("-") || $0.hasPrefix("<") }
            let names = words.filter { $0.hasPrefix("-") }.map { String($0.filter { $0 != "," }) }
            return (names, words.contains { $0.hasPrefix("<") })
        }
    }

    @Test func subcommandsAreThoseOfTheManual() async throws {
        #expect(
            try await subcommands(of: "src-snapshot") == [
                "login", "check", "notice", "databases", "summary", "upload", "verify",
            ])
        #expect(
            try await subcommands(of: "mi-migrate") == [
                "run", "rehearse", "import", "plan", "apply", "status", "report", "cancel", "config",
                "resources", "audit", "upgrade", "restore", "test", "notice",
            ])
    }

    @Test(arguments: programs)
    func helpOfEachSubcommandHasAnExample(program: String) async throws {
        for subcommand in [nil] + (try await subcommands(of: program)) {
            let help = try await run(program, [subcommand, "--help"].compactMap(\.self))
            #expect(help.exit == 0)
            #expect(help.errors == "")
            let overview = help.output.prefix { $0 != "\u{0}" }.split(separator: "USAGE:").first ?? ""
            let line = subcommand.map { "\(program) \($0) " } ?? "\(program) "
            #expect(overview.split(separator: "\n").contains { $0.hasPrefix("  ") && $0.contains(line) }, "\(overview)")
            #expect(help.output.hasPrefix("OVERVIEW: "))
        }
    }

    @Test(arguments: programs)
    func helpIsTheSameByAllItsNames(program: String) async throws {
        for subcommand in try await subcommands(of: program) {
            let help = try await run(program, [subcommand, "--help"])
            for arguments in [[subcommand, "-h"], [subcommand, "-help"], ["help", subcommand]] {
                let other = try await run(program, arguments)
                #expect(other.exit == 0 && other.output == help.output, "\(arguments)")
            }
        }
        #expect(try await run(program, []).output == run(program, ["--help"]).output)
    }

    /// Help lists what the parser takes; each name is tried once, at the first command that has it.
    @Test(arguments: programs)
    func everyLongOptionIsTakenWithOneDash(program: String) async throws {
        var tried: Set = ["--help", "--version"]
        for command in try await commands(of: program) {
            let options = options(in: try await run(program, command + ["--help"]).output)
            #expect(options.count >= 4)
            for (names, takesValue) in options {
                let long = try #require(names.first { $0.hasPrefix("--") })
                let short = String(long.dropFirst())
                #expect(["--help", "--version"].contains(long) || names.contains(short), "\(command) \(long)")
                guard tried.insert(long).inserted else { continue }
                // A value stands behind a sign or behind a space: now this, now that.
                let value = !takesValue ? [""] : tried.count.isMultiple(of: 2) ? ["=x"] : ["", "x"]
                // The same is said, whatever it is: some options are missing, and some values are no good.
                let (one, two) = (
                    try await run(program, command + [short + value[0]] + value.dropFirst()),
                    try await run(program, command + [long + value[0]] + value.dropFirst())
                )
                #expect(one.exit == two.exit)
                // Events have their time, and what is logged. Of three servers that cannot be reached, it is the first
                // that is told.
                #expect(one.output == two.output || long == "--json", "\(command) \(long)")
                #expect(
                    one.errors == two.errors || ["--run", "--verbose"].contains(long),
                    "\(command) \(long) \(one.errors) \(two.errors)")
                #expect(!(one.output + one.errors).contains("Unknown option"), "\(one.errors)")
            }
        }
    }

    @Test(arguments: ["--bukcet=./b", "-bukcet=./b", "-hucket=./b", "-without-sumary"])
    func unknownOptionIsNamed(option: String) async throws {
        let refused = try await run("src-snapshot", ["verify", option])
        #expect(refused.exit == 2)
        let name = option.drop { $0 == "-" }.prefix { $0 != "=" }
        #expect(refused.errors.contains("Unknown option '--\(name)"), "\(refused.errors)")
    }

    @Test(arguments: programs)
    func versionIsPrinted(program: String) async throws {
        let subcommands = try await subcommands(of: program).map { [$0, "--version"] }
        for arguments in [["--version"], ["-version"]] + subcommands {
            let printed = try await run(program, arguments)
            #expect(printed.exit == 0, "\(arguments) \(printed.errors)")
            #expect(printed.output.split(separator: ".").count == 3 && printed.output.hasSuffix("\n"))
            #expect(printed.errors == "")
        }
    }
}
