import ArgumentParser
import CMigrationKit
import Dispatch
import Foundation
import Logging
import MigrationKit

/// Runs a command: logging, Ctrl-C, and what it ends with.
enum CommandRunner {
    /// Exit status 0 done, 2 wrong usage, 130 interrupted; of what fails, that of the error's code.
    static func main(_ root: any ParsableCommand.Type) async {
        let arguments = CommandReader.withTwoDashes(CommandLine.arguments.dropFirst())
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
            end(Reply(to: error, of: root, json: arguments.contains("--json")))
        }
        withExtendedLifetime(signals) {}
    }

    private static func run(_ root: any ParsableCommand.Type, _ arguments: [String]) async throws {
        switch CommandReader.read(root, arguments) {
        case .reply(let reply): throw reply
        case .command(var command): try await command.run()
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

    private static func end(_ reply: Reply) -> Never {
        print(reply.output, terminator: "")
        if !reply.errors.isEmpty { FileHandle.standardError.write(Data(reply.errors.utf8)) }
        exit(reply.status)
    }
}
