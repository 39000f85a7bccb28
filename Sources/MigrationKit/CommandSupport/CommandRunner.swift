package import ArgumentParser
import CMigrationKit
import Logging

/// Runs a command: logging, signals, and what it ends with.
package enum CommandRunner {
    /// Exit status 0 done, 1 standard output could not be written, 2 wrong usage, 130 interrupted; of what fails, that of
    /// the error's code.
    ///
    /// Not asynchronous: before that begins, the system has opened files and started threads.
    package static func main(_ root: any ParsableCommand.Type) -> Never {
        StandardStream.occupyClosed()
        let signals = Signals()
        let arguments = CommandReader.withTwoDashes(CommandLine.arguments.dropFirst())
        let verbose = CommandReader.has(["-v", "--verbose"], in: arguments)
        LoggingSystem.bootstrap { TalkLogHandler(label: $0, logLevel: verbose ? .debug : .warning) }
        give_large_blocks_back()

        let work = Task { try await run(root, arguments) }
        Task {
            var failure: (any Error)?
            do { try await work.value } catch { failure = error }
            end(failure, of: root, json: arguments.contains("--json"))
        }
        signals.stop(work)
    }

    private static func run(_ root: any ParsableCommand.Type, _ arguments: [String]) async throws {
        try Talk.begin(arguments)
        switch CommandReader.read(root, arguments) {
        case .reply(let reply): throw reply
        case .command(var command):
            if CommandReader.has(["--json"], in: arguments) {
                StandardStream.output.write(EventJSON.beginning(of: root.configuration.commandName ?? ""))
            }
            NextCommand.begin(NextCommand(of: root, command, arguments))
            try await command.run()
        }
    }

    /// Says the last words, on standard error alone where standard output does not take them.
    private static func end(_ error: (any Error)?, of root: any ParsableCommand.Type, json: Bool) -> Never {
        var reply = error.map { Reply(to: $0, of: root, json: json) } ?? Reply(status: 0)
        StandardStream.output.write(reply.output, terminator: "")
        if let failure = StandardStream.failure {
            if let error, reply.status != 0 { reply = Reply(to: error, of: root, json: false) }
            reply = reply.unheard(failure)
        }
        if !reply.errors.isEmpty { Talk.say(String(reply.errors.dropLast())) }
        exit(reply.status)
    }
}
