import Foundation
import MigrationKit
import TestClusters
import Testing

/// What `src-snapshot databases` prints, pasted into a shell, gives the programs exactly the values of the targets file.
@Suite(.inTurn) struct PrintedCommandTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    static let hostileTexts = [
        "plain", "two words", " led and trailed ", "$(touch pwned)", "`touch pwned`", "'; touch pwned; '",
        "\"; touch pwned; \"", "it's \"quoted\"", "back\\slash\\", "*", "~", "!!", "#none", "a&b|c>pwned<d",
        "$HOME ${HOME}",
        "line\nfeed", "\nled by one", "%s%n", "tab\there", "naïve 👩‍👩‍👧", "-x", "--help", "é\u{301}",
    ]

    private struct Recorded {
        var arguments: [String]
        var password: String
        var timeZone: String
        var sslmode: String
        var input: String
    }

    /// Prints the command of one database, pastes it into a shell, and tells what pg_dump was given in the end.
    private func paste(_ program: String) async throws -> Recorded {
        let printed = try await workplace.snapshot("databases", program, "--targets=targets.yaml", "--only=primary")
        #expect(printed.exit == 0, "\(printed.errors)")
        #expect(printed.output.hasPrefix("(umask 077; mkdir -p src-snapshot && "))
        try workplace.standIn("recording")
        try workplace.standIn("docker", "kubectl")
        let recording = workplace.folder.file("bin/recording")
        var environment = workplace.container()
        environment["STANDIN_PATH"] = ChildEnvironment.path([recording])
        environment["PATH"] = ChildEnvironment.path([workplace.folder.file("bin"), recording])
        let pasted = try await workplace.shell(printed.output, environment: environment)
        #expect(pasted.exit == 0, "\(pasted.errors)")
        #expect(!workplace.folder.exists("pwned"))
        func values(_ name: String) throws -> [String] {
            try workplace.folder.text(name).split(separator: "\0", omittingEmptySubsequences: false).dropLast()
                .map(String.init)
        }
        let variables = try values("record.variables")
        return Recorded(
            arguments: try values("record.arguments"), password: variables[0], timeZone: variables[1],
            sslmode: variables[2], input: try workplace.folder.text("record.input"))
    }

    @Test(arguments: ["pg_dump", "docker", "kubectl"], hostileTexts)
    func everyValueArrives(program: String, text: String) async throws {
        let isName = program != "pg_dump" && text.hasPrefix("-")
        try workplace.writeTargets { _, lines in
            lines = .init(
                target: isName ? "name" : text.hasPrefix("-") ? "host" : text, dbname: text, username: text,
                password: text, others: ["sslmode": "require"])
        }
        let recorded = try await paste(program)
        #expect(recorded.arguments.contains("--username=\(text)"))
        #expect(recorded.arguments.contains("--dbname=\(text)"))
        #expect(recorded.password == text)
        #expect(recorded.timeZone == "UTC")
        #expect(recorded.sslmode == "require")
        #expect(recorded.input.isEmpty)
        if program == "pg_dump", !text.hasPrefix("-") { #expect(recorded.arguments.contains("--host=\(text)")) }
        #expect(!recorded.arguments.contains { $0.hasPrefix("--password") })
    }

    @Test(arguments: ["pg_dump", "docker", "kubectl"], ["\n", "\n\n", "secret\n", "secret\n\n\n", " ", ""])
    func lineEndsOfPasswordsArrive(program: String, password: String) async throws {
        try workplace.writeTargets { _, lines in lines.password = password }
        let recorded = try await paste(program)
        // No password at all is left to ~/.pgpass.
        #expect(recorded.password == (password.isEmpty ? "unset" : password))
    }

    @Test(arguments: ["pg_dump", "docker", "kubectl"])
    func databaseNameThatLooksLikeConnectionStringIsOne(program: String) async throws {
        try workplace.writeTargets { _, lines in lines.dbname = "a=b 'c\\" }
        #expect(try await paste(program).arguments.contains("--dbname=dbname='a=b \\'c\\\\'"))
    }

    @Test(arguments: ["pg_dump", "docker", "kubectl"])
    func nothingButCommandsGoesToStandardOutput(program: String) async throws {
        let printed = try await workplace.snapshot("databases", program)
        #expect(printed.exit == 0)
        let lines = printed.output.split(separator: "\n")
        #expect(lines.count == 3)
        for (line, database) in zip(lines, Database.allCases) {
            #expect(line.hasPrefix("(umask 077; mkdir -p src-snapshot && "))
            #expect(line.hasSuffix(" > src-snapshot/\(database.dumpName))"))
        }
        #expect(printed.errors.contains("These lines contain the database passwords."))
        #expect(!workplace.folder.exists("src-snapshot"))
    }

    // MARK: The same values with --run, and a real server

    static let hostileNames = ["o'; \"$(touch pwned)\"", "a=b c", "postgres://x/y", "-d", "back\\slash", "née"]

    @Test(arguments: ["pg_dump", "docker", "kubectl"], hostileNames)
    func hostileNamesAreDumped(program: String, name: String) async throws {
        let source = workplace.postgres.source
        let role = "\(name) \(program)"
        let identifier = "\"\(role.replacing("\"", with: "\"\""))\""
        let password = "p'\"$(touch pwned)\\ \(name)"
        let literal = "'\(password.replacing("'", with: "''"))'"
        try await source.withDatabase(
            role, "CREATE TABLE only_here (); CREATE ROLE \(identifier) SUPERUSER LOGIN PASSWORD \(literal)"
        ) {
            try workplace.standIn("docker", "kubectl")
            try workplace.writeTargets { _, lines in
                lines.dbname = role
                lines.username = role
                lines.password = password
                if program != "pg_dump" {
                    lines = .init(target: "c", dbname: role, username: role, password: password, others: [:])
                }
            }
            let dumped = try await workplace.snapshot(
                "databases", program, "--targets=targets.yaml", "--run", "--only=primary",
                environment: workplace.container())
            #expect(dumped.exit == 0, "\(dumped.errors)")
            #expect(
                try workplace.folder.text("src-snapshot/primary.sql").contains("CREATE TABLE \"public\".\"only_here\""))
            #expect(!workplace.folder.exists("pwned"))
            try await source.sql("DROP ROLE \(identifier)")
        }
    }
}
