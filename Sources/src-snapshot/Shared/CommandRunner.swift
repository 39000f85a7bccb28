import ArgumentParser
import CMigrationKit
import Dispatch
import Foundation
import Logging
import MigrationKit

/// Runs a command: logging, Ctrl-C, and what an error becomes.
enum CommandRunner {
    /// Exit status 0 done, 2 wrong usage, 130 interrupted; of what fails, that of the error's code.
    static func main(_ root: any ParsableCommand.Type) async {
        let arguments = withTwoDashes(CommandLine.arguments.dropFirst())
        let verbose = arguments.contains("-v") || arguments.contains("--verbose")
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = verbose ? .debug : .warning
            return handler
        }
        give_large_blocks_back()
        // A child that ends early must be an error with its last lines, not our death.
        signal(SIGPIPE, SIG_IGN)

        let work = Task { try await run(root, arguments) }
        let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].map { stop(work, on: $0) }
        do {
            try await work.value
        } catch {
            finish(root, error, json: arguments.contains("--json"))
        }
        withExtendedLifetime(signals) {}
    }

    /// `-name` as `--name`. The parser would read one that it does not know letter by letter, and give help, as a
    /// success, where it finds an `h`.
    private static func withTwoDashes(_ arguments: some Sequence<String>) -> [String] {
        var isOver = false
        return arguments.map { argument in
            isOver = isOver || argument == "--"
            let isLong = argument.hasPrefix("-") && argument.dropFirst(2).first.map { $0 != "=" } == true
            return !isOver && isLong && argument.dropFirst().first?.isLetter == true ? "-" + argument : argument
        }
    }

    private static func run(_ root: any ParsableCommand.Type, _ arguments: [String]) async throws {
        var command = try root.parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }

    /// Ctrl-C cancels the work, which stops its child processes and removes what is half written; a second one does not
    /// wait for that.
    private static func stop(_ work: Task<Void, any Error>, on number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler {
            if work.isCancelled { exit(130) }
            work.cancel()
        }
        source.resume()
        return source
    }

    private static func finish(_ root: any ParsableCommand.Type, _ error: any Error, json: Bool) -> Never {
        // All was said; the status says the rest.
        if let code = error as? ExitCode { exit(code.rawValue) }
        let error = error is CancellationError ? interrupted : error
        guard let error = error as? MigrationError else {
            let code = root.exitCode(for: error)
            let text = root.fullMessage(for: error)
            let isUsage = code == .validationFailure
            if code == .success {
                print(text)
            } else if json, !isUsage {
                print(MigrationError(.failed, root.message(for: error)).jsonLine)
            } else if !text.isEmpty {
                say(text.hasPrefix("Error: ") ? "error: " + text.dropFirst("Error: ".count) : text)
            }
            exit(isUsage ? 2 : code.rawValue)
        }
        // Who pressed Ctrl-C made no error.
        let prefix = error.code == .interrupted ? "" : "error: "
        if json { print(error.jsonLine) } else { say("\(prefix)\(error)") }
        exit(error.exitStatus)
    }

    /// What work that was stopped comes to, unless it throws an error of its own that says how to go on.
    private static let interrupted = MigrationError(
        .interrupted, "Interrupted. Nothing half-written is left; the same command begins anew.")

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
