import Foundation
import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// A folder of one test's own, and the commands as they are run there: the built programs, as child processes.
struct Workplace: Sendable {
    let postgres: ScratchPostgres
    /// Where imports go.
    let target: ScratchPostgres.Cluster
    let folder: ScratchFolder

    /// - Parameter target: A server of its own; nil: that of all tests.
    init(target: ScratchPostgres.Cluster? = nil) async throws {
        postgres = try await ScratchPostgres.shared
        self.target = target ?? postgres.target
        folder = try ScratchFolder(in: postgres.folder)
    }

    /// How a command ended, and what it printed.
    struct Finished: Sendable {
        var status: TerminationStatus
        var output: String
        var errors: String

        var exit: Int32? { if case .exited(let code) = status { code } else { nil } }
    }

    // MARK: Programs

    /// Folders of what commands run here find before the system's programs: the stand-ins come first.
    var programs: [FilePath] { [folder.path.appending("bin"), postgres.bin, BuiltPrograms.folder] }

    /// Runs `src-snapshot`.
    func snapshot(
        _ arguments: String..., environment: [String: String] = [:], input: String = "",
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Finished {
        try await run(
            BuiltPrograms.path("src-snapshot"), arguments, environment: environment, input: input,
            whileRunning: whileRunning)
    }

    /// Runs `mi-migrate` with the target's password in its environment.
    func migrate(
        _ arguments: String..., environment: [String: String] = [:], input: String = "",
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Finished {
        let variables = ["PGPASSWORD": target.password].merging(environment) { $1 }
        return try await run(
            BuiltPrograms.path("mi-migrate"), arguments, environment: variables, input: input,
            whileRunning: whileRunning)
    }

    /// Runs a line of shell.
    func shell(_ line: String, environment: [String: String] = [:]) async throws -> Finished {
        try await run("/bin/sh", ["-c", line], environment: environment)
    }

    /// Runs a line at a terminal. What is printed comes as one, as it is seen.
    func atTerminal(
        _ line: String, environment: [String: String] = [:], input: String = "",
        whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Finished {
        // One `script` is Linux's, the other one all else's.
        let script = """
            if script --version >/dev/null 2>&1; then exec script -qec '\(line)' /dev/null; fi
            exec script -q /dev/null \(line)
            """
        return try await run(
            "/bin/sh", ["-c", script], environment: environment, input: input, whileRunning: whileRunning)
    }

    /// Runs a program in the folder, in an environment of its own: see ``ChildEnvironment``.
    ///
    /// - Parameters:
    ///   - limit: When it has not ended by then, it is killed.
    ///   - whileRunning: Is called with the process; the program has ended when this method returns.
    /// - Throws: ``WaitedInVain`` if it was killed, or what was awaited while it ran did not come.
    func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String = "",
        limit: Duration = .seconds(300), whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Finished {
        let variables = ChildEnvironment.variables(programs, home: folder.path, environment)
        var options = PlatformOptions()
        options.createSession = true
        let watchdog = Watchdog()
        let result = try await Subprocess.run(
            Configuration(
                executable: .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .only(variables), workingDirectory: folder.path, platformOptions: options
            ),
            input: .inputWriter, output: .text(limit: 64 << 20), error: .text(limit: 64 << 20)
        ) { execution -> WaitedInVain? in
            watchdog.watch(execution.processIdentifier, for: limit)
            _ = try? await execution.standardInputWriter.write(input)
            try? await execution.standardInputWriter.finish()
            do {
                try await whileRunning(execution.processIdentifier)
            } catch let error as WaitedInVain {
                watchdog.bite()
                return error
            }
            if let time = await execution.processIdentifier.cpuTimeAtItsEnd() { TestCost.current?.add(children: time) }
            return nil
        }
        let isKilled = watchdog.leave()
        let said = "\(result.standardOutput)\n\(result.standardError)"
        let line = "\(FilePath(program).lastComponent?.string ?? program) \(arguments.joined(separator: " "))"
        if var error = result.closureResult {
            error.description += "\n`\(line)` had said by then:\n\(said)"
            throw error
        }
        if isKilled { throw WaitedInVain("the end of `\(line)`", for: limit, last: said) }
        return Finished(
            status: result.terminationStatus, output: result.standardOutput, errors: result.standardError)
    }
}

extension Workplace {
    /// Where imports go, as the role of Sourcegraph's administrator, who is no superuser.
    var into: String { "postgres://sourcegraph-admin@127.0.0.1:\(target.port)/postgres" }

    /// The name of that server in messages.
    var serverName: String { "127.0.0.1:\(target.port)" }

    /// Writes a targets file for the source's databases; only its owner may read it.
    func writeTargets(_ change: (Database, inout TargetLines) -> Void = { _, _ in }) throws {
        var text = ""
        for database in Database.allCases {
            var lines = TargetLines(
                target: "127.0.0.1", dbname: database == .primary ? "sg" : database.rawValue, username: "sg",
                password: postgres.source.password, others: ["port": "\(postgres.source.port)"])
            change(database, &lines)
            text += "\(database.rawValue):\n\(lines.yaml)"
        }
        try folder.write("targets.yaml", text)
    }

    /// The lines of one target.
    struct TargetLines {
        var target: String
        var dbname: String
        var username: String
        var password: String
        var others: [String: String]

        var yaml: String {
            let all = [("target", target), ("dbname", dbname), ("username", username), ("password", password)]
            return (all + others.sorted { $0.key < $1.key }).map { "  \($0): \(Self.quoted($1))\n" }.joined()
        }

        /// Double quotes of YAML take what JSON's do.
        private static func quoted(_ text: String) -> String {
            String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
        }
    }
}
