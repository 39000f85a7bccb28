import ArgumentParser
import Subprocess
import TestClusters
import Testing

@testable import MigrationKitCommandSupport
@testable import mi_migrate
@testable import src_snapshot

/// The two programs, whose command lines this process can read as they do: a start of one costs more than most of what it
/// says. `CommandLineTests` starts them, and holds what they say against what is read here.
enum Program: String, CaseIterable, CustomTestStringConvertible {
    case snapshot = "src-snapshot"
    case migrate = "mi-migrate"

    var testDescription: String { rawValue }

    /// What a command line comes to: nothing is done of what it asks.
    enum Reading {
        case command(any AsyncParsableCommand)
        case finished(Workplace.Finished)
    }

    /// As wide as help is where there is no terminal.
    private static let columns = 80

    var root: any ParsableCommand.Type {
        switch self {
        case .snapshot: SrcSnapshot.self
        case .migrate: MiMigrate.self
        }
    }

    func read(_ arguments: [String]) -> Reading {
        switch CommandReader.read(root, arguments, columns: Self.columns) {
        case .command(let command): .command(command)
        case .reply(let reply): .finished(.init(reply))
        }
    }

    /// What it prints where there is nothing to do.
    func reply(_ arguments: String...) throws -> Workplace.Finished { try reply(arguments) }

    func reply(_ arguments: [String]) throws -> Workplace.Finished {
        guard case .finished(let finished) = read(arguments) else { throw NothingSaid(arguments: arguments) }
        return finished
    }

    /// What the program says to run next, after a run with these arguments.
    func next(after arguments: [String]) throws -> NextCommand {
        guard case .command(let command) = read(arguments) else { throw NothingSaid(arguments: arguments) }
        return NextCommand(of: root, command, CommandReader.withTwoDashes(arguments))
    }

    /// There would be something to do.
    struct NothingSaid: Error { var arguments: [String] }

    /// What the program prints for an error that its work has thrown.
    func reply(to error: any Error) -> Workplace.Finished {
        .init(Reply(to: error, of: root, json: false))
    }
}

extension Workplace.Finished {
    fileprivate init(_ reply: Reply) {
        self.init(status: .exited(reply.status), output: reply.output, errors: reply.errors)
    }
}

extension Workplace {
    /// How a command line ends that is to be refused: the program is started only if its arguments can be read.
    func refusal(_ program: Program, _ arguments: [String]) async throws -> Finished {
        switch program.read(arguments) {
        case .finished(let finished): finished
        case .command: try await run(BuiltPrograms.path(program.rawValue), arguments)
        }
    }

    func refusal(_ line: String) async throws -> Finished {
        let words = line.split(separator: " ").map(String.init)
        return try await refusal(try #require(Program(rawValue: words[0])), Array(words.dropFirst()))
    }
}
