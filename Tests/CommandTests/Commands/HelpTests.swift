import ArgumentParser
import Testing

/// What the commands tell of themselves.
@Suite struct HelpTests {
    @Test func subcommandsAreThoseOfTheManual() throws {
        #expect(
            try Program.snapshot.subcommands() == [
                "run", "login", "check", "notice", "databases", "summary", "upload", "verify", "init",
                "completion",
            ])
        #expect(
            try Program.migrate.subcommands() == [
                "run", "rehearse", "import", "plan", "apply", "status", "report", "cancel", "config",
                "resources", "audit", "freeze", "upgrade", "restore", "copies", "start", "initialize", "check", "drift",
                "out-of-band", "test", "notice", "init", "completion",
            ])
    }

    /// A name that is made from the type's costs the runtime four searches for conformances that are not there, for each
    /// command, whenever any of them starts.
    @Test(arguments: Program.allCases)
    func everyCommandIsGivenItsName(program: Program) {
        var commands = [program.root]
        while let command = commands.popLast() {
            #expect(command.configuration.commandName != nil, "\(command)")
            commands += command.configuration.subcommands
        }
    }

    @Test(arguments: Program.allCases)
    func helpOfEachSubcommandHasAnExample(program: Program) throws {
        for subcommand in [nil] + (try program.subcommands()) {
            let help = try program.reply([subcommand, "--help"].compactMap(\.self))
            #expect(help.exit == 0)
            #expect(help.errors == "")
            let overview = help.output.prefix { $0 != "\u{0}" }.split(separator: "USAGE:").first ?? ""
            let line = subcommand.map { "\(program.rawValue) \($0) " } ?? "\(program.rawValue) "
            #expect(overview.split(separator: "\n").contains { $0.hasPrefix("  ") && $0.contains(line) }, "\(overview)")
            #expect(help.output.hasPrefix("OVERVIEW: "))
        }
    }

    @Test(arguments: Program.allCases)
    func helpIsTheSameByAllItsNames(program: Program) throws {
        for subcommand in try program.subcommands() {
            let help = try program.reply(subcommand, "--help")
            for arguments in [[subcommand, "-h"], [subcommand, "-help"], ["help", subcommand]] {
                let other = try program.reply(arguments)
                #expect(other.exit == 0 && other.output == help.output, "\(arguments)")
            }
        }
        #expect(try program.reply().output == program.reply("--help").output)
    }

    /// A line that is too long is broken where nobody would break it, and is another command when it is copied.
    @Test(arguments: Program.allCases)
    func examplesSurviveEightyColumns(program: Program) throws {
        for command in [[]] + (try program.commands()) + (try program.subcommands()).map({ [$0] }) {
            let help = try program.reply(command + ["--help"]).output
            let overview = help.split(separator: "USAGE:").first ?? ""
            var isContinued = false
            for line in overview.split(separator: "\n").drop(while: { !$0.contains("Examples:") }).dropFirst() {
                // What is neither indented nor a sentence of its own is the rest of a line.
                #expect(line.hasPrefix("  ") || isSentence(line), "\(command) \(line)")
                #expect(!isContinued || line.hasPrefix("    "), "\(command) \(line)")
                isContinued = line.hasSuffix("\\")
                let isOurs = line.hasPrefix("  \(program.rawValue) ") || isContinued
                #expect(!isOurs || line.firstMatch(of: #/ -[a-z]{2}/#) == nil, "one dash in \(line)")
            }
        }
    }

    private func isSentence(_ line: Substring) -> Bool { !line.hasPrefix("-") && !line.hasPrefix("#") }

    @Test func statusTakesWhatSaysWhereTheMigrationIs() throws {
        let names = try Program.migrate.options(of: ["status"]).compactMap { $0.names.first { $0.hasPrefix("--") } }
        #expect(
            Set(names) == [
                "--project", "--instance", "--bucket", "--credentials", "--into", "--journal", "--config", "--database",
                "--all", "--json", "--verbose", "--quiet", "--log-file", "--color", "--version", "--help",
            ])
        // What an import was given is no error.
        guard case .command = Program.migrate.read(["status", "--terminate-connections", "--connection=postgres://h"])
        else {
            Issue.record("refused")
            return
        }
    }

    static let mistyped = [
        ("mi-migrate imprt", "Did you mean 'import'?"), ("mi-migrate run --from-step=tset", "Did you mean 'test'?"),
        ("mi-migrate run --skip=upgrad=later", "Did you mean 'upgrade'?"),
        ("mi-migrate import --until=lod", "Did you mean 'load'?"),
        ("src-snapshot databases dcker", "Did you mean 'docker'?"),
        ("src-snapshot notice stats", "Did you mean 'status'?"), ("src-snapshot verify --bukcet=./b", "'--bucket'"),
    ]

    @Test(arguments: mistyped) func whatIsMistypedIsSuggested(line: String, words: String) throws {
        let arguments = line.split(separator: " ").map(String.init)
        let refused = try #require(Program(rawValue: arguments[0])).reply(Array(arguments.dropFirst()))
        #expect(refused.exit == 2 && refused.errors.contains(words), "\(refused.errors)")
    }

    @Test func importStopsAtStepsOfAnImportAlone() throws {
        let refused = try Program.migrate.reply("import", "--until=test")
        #expect(refused.exit == 2 && !refused.errors.contains("- test"), "\(refused.errors)")
    }

    /// What a command line is read as: all that the command was told, or what is said instead.
    private func reading(_ program: Program, _ arguments: [String]) -> String {
        switch program.read(arguments) {
        case .command(let command): "\(command)"
        case .finished(let finished): "\(finished.exit ?? -1) \(finished.output) \(finished.errors)"
        }
    }

    /// Help lists what the parser takes; each name is tried once, at the first command that has it.
    @Test(arguments: Program.allCases)
    func everyLongOptionIsTakenWithOneDash(program: Program) throws {
        var tried: Set = ["--help", "--version"]
        for command in try program.commands() {
            let options = try program.options(of: command)
            #expect(options.count >= 2)
            let bare = reading(program, command)
            for (names, takesValue) in options {
                let long = try #require(names.first { $0.hasPrefix("--") })
                let short = String(long.dropFirst())
                #expect(!names.contains(short), "\(command) \(long)")
                guard tried.insert(long).inserted else { continue }
                // A value stands behind a sign or behind a space: now this, now that.
                let value = !takesValue ? [""] : tried.count.isMultiple(of: 2) ? ["=x"] : ["", "x"]
                // The same is read, whatever it is: some options are missing, and some values are no good.
                let one = reading(program, command + [short + value[0]] + value.dropFirst())
                let two = reading(program, command + [long + value[0]] + value.dropFirst())
                #expect(one == two, "\(command) \(long)")
                #expect(!one.contains("Unknown option"), "\(one)")
                // Where nothing is missing it is more than to leave the option out.
                #expect(one != bare || bare.contains("Missing expected argument"), "\(command) \(long) \(one)")
            }
        }
    }

    @Test(arguments: ["--bukcet=./b", "-bukcet=./b", "-hucket=./b", "-without-sumary"])
    func unknownOptionIsNamed(option: String) throws {
        let refused = try Program.snapshot.reply("verify", option)
        #expect(refused.exit == 2)
        let name = option.drop { $0 == "-" }.prefix { $0 != "=" }
        #expect(refused.errors.contains("Unknown option '--\(name)"), "\(refused.errors)")
    }

    @Test(arguments: Program.allCases)
    func versionIsPrinted(program: Program) throws {
        let subcommands = try program.subcommands().map { [$0, "--version"] }
        for arguments in [["--version"], ["-version"]] + subcommands {
            let printed = try program.reply(arguments)
            #expect(printed.exit == 0, "\(arguments) \(printed.errors)")
            #expect(printed.output.split(separator: ".").count == 3 && printed.output.hasSuffix("\n"))
            #expect(printed.errors == "")
        }
    }
}
