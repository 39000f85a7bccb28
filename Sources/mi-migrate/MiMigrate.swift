import ArgumentParser
import MigrationKitCommandSupport

/// What an operator runs.
@main
struct MiMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mi-migrate",
        abstract: "Move a customer's snapshot to a managed Sourcegraph instance.",
        discussion: """
            Project, instance and bucket come from flags, environment variables or migration.yaml: see `mi-migrate \
            config`.

            Examples:
              mi-migrate init                      # write migration.yaml
              mi-migrate plan -o plan.json         # what would be done and destroyed
              mi-migrate apply plan.json           # exactly that
              mi-migrate run                       # all of it: import, upgrade, start, test
              mi-migrate status
              mi-migrate test                      # with $SRC_ACCESS_TOKEN

            If a command is interrupted, run it again: it resumes where it stopped. Losing the terminal stops a \
            command, as Ctrl-C does: run long commands in tmux, or with nohup and --yes.

            Exit status: 0 success, 1 failed, 2 wrong usage, 3 a requirement is not met, 4 the snapshot is damaged, \
            5 the import or its proof failed, 6 the upgrade failed, 7 the instance is not ready to hand over, \
            8 another run is active, 130 interrupted.
            """,
        version: MigrationKitVersion.described,
        subcommands: [
            Run.self, Rehearse.self, Import.self, Plan.self, Apply.self, Status.self, Report.self, Cancel.self,
            Config.self, Resources.self, Audit.self, Freeze.self, Upgrade.self, Restore.self, Copies.self, Start.self,
            Initialize.self, Check.self, Drift.self, OutOfBand.self, Test.self, Notice.self, Init.self,
            Completion.self,
        ]
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    static func main() {
        CommandRunner.main(Self.self)
    }
}
