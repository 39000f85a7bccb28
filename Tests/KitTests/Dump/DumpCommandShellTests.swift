import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit

/// A target that a program has made may hold anything: each value reaches pg_dump and psql as it is, whether the command
/// is run or pasted into a shell.
@Suite(.timeLimit(.minutes(5))) struct DumpCommandShellTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        // Docker and kubectl: the words before the shell that they start, then what that does.
        let container = """
            #!/bin/sh
            while [ "$1 $2" != 'sh -c' ]; do printf '%s\\0' "$1"; shift; done
            exec "$@"
            """
        let program = """
            #!/bin/sh
            printf '%s\\0' "$PGPASSWORD" "$PGTZ" "$PGSSLMODE" "$@"
            cat
            """
        for name in ["docker", "kubectl"] { try folder.write(name, container, mode: 0o700) }
        for name in ["pg_dump", "psql"] { try folder.write(name, program, mode: 0o700) }
    }

    /// Values that a shell, a program or libpq could take for something else.
    private func value(_ random: inout SeededRandom) -> String {
        let pwned = folder.file("pwned")
        let pieces = [
            " ", "'", "\"", "\\", "\n", "\r\n", "\t", "-", "--help", "*", "~", "!", "#", "&", "|", "<", ">", "(", ")",
            "%s", "=", "://", "a", "é", "\u{301}", "👩‍👩‍👧", "$HOME", "${IFS}", "\u{1}", "$(touch \(pwned))",
            "`touch \(pwned)`", ";touch \(pwned);", "';touch \(pwned);'", "'\u{301};touch \(pwned);'\u{301}",
            "\";touch \(pwned);\"",
        ]
        return (1...Int.random(in: 1...5, using: &random))
            .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    private func target(_ random: inout SeededRandom) -> DatabaseTarget {
        DatabaseTarget(
            target: value(&random), dbname: value(&random), username: value(&random), password: Secret(value(&random)),
            port: Bool.random(using: &random) ? 6543 : nil, sslmode: value(&random), namespace: value(&random),
            container: value(&random))
    }

    /// As libpq reads it: a name that it could take for more than that is written as a connection string.
    private func databaseArgument(_ name: String) -> String {
        guard name.utf8.contains(UInt8(ascii: "=")) || name.contains("://") else { return "--dbname=\(name)" }
        var text = "--dbname=dbname='"
        for scalar in name.unicodeScalars {
            if scalar == "'" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text + "'"
    }

    /// All that has to come out, each ended by a NUL, and then what psql is to read.
    private func expected(_ command: DumpCommand, flags: [String], isAnswering: Bool = false, input: String) -> String {
        let target = command.target
        let isOption = target.target.utf8.first == UInt8(ascii: "-")
        let way =
            switch command.transport {
            case .pgDump: [String]()
            case .docker:
                ["exec", "-i", "-e", "PGPASSWORD", "-e", "PGTZ", "-e", "PGSSLMODE"]
                    + (isAnswering ? ["-e", "LC_ALL"] : []) + [(isOption ? "/" : "") + target.target]
            case .kubectl:
                ["exec", "-i", "--namespace=\(target.namespace ?? "")", "--container=\(target.container ?? "")"]
                    + [(isOption ? "pod/" : "") + target.target, "--"]
            }
        let values = [target.password.revealed, "UTC", target.sslmode ?? ""]
        let arguments =
            flags + ["--username=\(target.username)", databaseArgument(target.dbname)]
            + (command.transport == .pgDump ? ["--host=\(target.target)"] : [])
            + (target.port.map { ["--port=\($0)"] } ?? [])
        return (way + values + arguments).map { $0 + "\0" }.joined() + input
    }

    private func check(_ command: Command, gives expected: String) async throws {
        let path = Command.Variable("PATH", Secret("\(folder.path):/usr/bin:/bin"))
        var run = command
        run.program = folder.file(command.program).string
        run.environment.append(path)
        let pasted = Command("/bin/sh", ["-c", command.shellLine], environment: [path])
        for command in [run, pasted] {
            let (output, outcome) = try await command.collect()
            #expect(outcome.exitStatus == 0, "\(outcome.lastLines)")
            #expect(Array(output.utf8) == Array(expected.utf8), "\(output.debugDescription)")
        }
    }

    @Test(arguments: DumpTransport.allCases, UInt64(0)..<40)
    func everyValueArrives(transport: DumpTransport, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let command = DumpCommand(transport: transport, target: target(&random))
        let checksum = [nil, ContainerChecksum.cksum].randomElement(using: &random) ?? nil
        try await check(
            command.dump(.all, checkedBy: checksum), gives: expected(command, flags: DumpCommand.dumpFlags, input: ""))
        let query = value(&random)
        let flags = command.query(query).arguments.filter { DumpCommandShellTests.queryFlags.contains($0) }
        #expect(flags == DumpCommandShellTests.queryFlags)
        try await check(command.query(query), gives: expected(command, flags: flags, isAnswering: true, input: query))
        #expect(FileIdentity(path: folder.file("pwned")) == nil)
    }

    private static let queryFlags = [
        "--no-psqlrc", "--no-password", "--no-align", "--tuples-only", "--quiet", "--set=ON_ERROR_STOP=1",
        "--set=VERBOSITY=verbose", "--file=-",
    ]

    /// Its own words are read, and a server's in any language are known by the SQLSTATE.
    @Test(arguments: DumpTransport.allCases)
    func psqlSpeaksEnglishAndTellsTheSQLSTATE(transport: DumpTransport) async throws {
        try folder.write("psql", "#!/bin/sh\necho \"$LC_ALL\" \"$@\"\n", mode: 0o700)
        let target = DatabaseTarget(target: "db", dbname: "sg", username: "sg", password: Secret("sg"))
        var query = DumpCommand(transport: transport, target: target).query("")
        query.program = folder.file(query.program).string
        // The last of a name counts.
        query.environment.insert(Command.Variable("LC_ALL", Secret("tr_TR.UTF-8")), at: 0)
        query.environment.append(Command.Variable("PATH", Secret("\(folder.path):/usr/bin:/bin")))
        let (output, outcome) = try await query.collect()
        #expect(outcome.exitStatus == 0, "\(outcome.lastLines)")
        let line = output.split(whereSeparator: { $0 == "\n" || $0 == "\0" }).last.map(String.init) ?? ""
        #expect(line.hasPrefix("C ") && line.contains("--set=VERBOSITY=verbose"), "\(line)")
    }

    @Test func textWithANULIsRefused() async throws {
        let target = DatabaseTarget(target: "", dbname: "a\0b", username: "sg", password: Secret("sg"))
        let command = DumpCommand(transport: .pgDump, target: target)
        let error = await #expect(throws: MigrationError.self) { _ = try await command.dump.collect() }
        #expect(error?.code == .usage)
    }
}
