import ArgumentParser
import MigrationKitCommandSupport

/// What an operator runs.
@main
struct MiMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mi-migrate",
        abstract: "Brings a customer's snapshot to a managed Sourcegraph instance.",
        discussion: """
            Project, instance and bucket come from flags, from the runbook's variables or from migration.yaml: see \
            `mi-migrate config`.

            Examples:
              mi-migrate plan -o plan.json                    # what would be done and destroyed
              mi-migrate apply plan.json                      # exactly that
              mi-migrate status
              mi-migrate test -snapshot-summary=gs://bucket   # with SRC_ENDPOINT and SRC_ACCESS_TOKEN

            A lost terminal stops a command as Ctrl-C does, and the same command goes on. In tmux, or with nohup (and \
            --yes), a command outlives it.

            Exit status: 0 done, 1 failed, 2 wrong usage, 3 a requirement is not met, 4 the snapshot is damaged, \
            5 the import or its proof has failed, 6 the upgrade has failed, 7 the instance may not be handed over, \
            8 another run is at work, 130 interrupted.
            """,
        version: MigrationKitVersion.current,
        subcommands: [
            Run.self, Rehearse.self, Import.self, Plan.self, Apply.self, Status.self, Report.self, Cancel.self,
            Config.self,
            Resources.self,
            Audit.self,
            Upgrade.self, Restore.self, Test.self, Notice.self,
        ]
    )

    @OptionGroup var output: OutputOptions

    static func main() {
        CommandRunner.main(Self.self)
    }
}
