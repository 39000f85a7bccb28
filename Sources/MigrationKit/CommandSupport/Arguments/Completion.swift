package import ArgumentParser

/// `completion`, of both commands.
///
/// A program has one of its own that names it.
package protocol CompletionCommand: AsyncParsableCommand {
    /// The program.
    static var program: any ParsableCommand.Type { get }
    /// Which shell's.
    var shell: CompletedShell { get }
}

/// A shell that completes words.
package enum CompletedShell: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// GNU bash.
    case bash
    /// The Z shell.
    case zsh
    /// fish.
    case fish
}

extension CompletionCommand {
    /// The command's help.
    package static func helping(_ program: String) -> CommandConfiguration {
        CommandConfiguration(
            commandName: "completion", abstract: "Print a script that completes this command's words in a shell.",
            discussion: """
                Examples:
                  source <(\(program) completion bash)
                  \(program) completion zsh > "${fpath[1]}/_\(program)"
                  \(program) completion fish > ~/.config/fish/completions/\(program).fish
                """)
    }

    package func run() async throws {
        guard let shell = CompletionShell(rawValue: shell.rawValue) else { return }
        StandardStream.output.write(Self.program.completionScript(for: shell))
    }
}
