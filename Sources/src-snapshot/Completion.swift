import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot completion`
struct Completion: CompletionCommand {
    static let program: any ParsableCommand.Type = SrcSnapshot.self
    static let configuration = helping("src-snapshot")

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: CompletedShell
}
