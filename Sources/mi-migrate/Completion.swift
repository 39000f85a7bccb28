import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate completion`
struct Completion: CompletionCommand {
    static let program: any ParsableCommand.Type = MiMigrate.self
    static let configuration = helping("mi-migrate")

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: CompletedShell
}
