import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate upgrade`
struct Upgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Upgrade the imported databases to the instance's release.",
        discussion: """
            Reads the release to upgrade from in the dump and the databases, and the release to upgrade to in the \
            instance's docker-compose.yaml. Plans the upgrade first: the migrator's image, its runs, and where it stops \
            for out-of-band migrations. Then copies the databases (on Cloud SQL: backs them up), and runs the migrator. \
            `mi-migrate restore` restores that copy.

            The migrator runs on the instance's machine, and continues if this command is interrupted. Run the same \
            command again to wait for it.

            Examples:
              mi-migrate upgrade --dry-run                       # with migration.yaml: only show the plan
              mi-migrate upgrade --machine=ssh://sre@10.0.0.4
              mi-migrate upgrade --skip-drift-check='only views, as PostgreSQL 16 prints them'
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @OptionGroup var upgrade: UpgradeOptions

    @Flag(name: .goStyle("dry-run"), help: "Show the plan. Change nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if options.database != nil {
            throw ValidationError("The migrator upgrades all databases of an instance: remove --database.")
        }
    }

    func run() async throws {
        let console = output.console
        let target = try options.target(settings, console, machine.flags, keepsJournal: true)
        let instance = try MachineOptions.requiredInstance(target.settings, onEvent: console.show)
        let flow = try await upgrade.upgrading(target, instance, console)
        if dryRun {
            let path = try await flow.plan()
            console.show(result: path)
            output.print(path.text)
            return
        }
        let path = try await flow.run(takingOver: options.takeOver)
        console.show(result: path)
        output.advise("\(path.summary)")
    }
}
