import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate upgrade`
struct Upgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings imported databases to the release of their instance.",
        discussion: """
            The release to upgrade from is read from the dump and the databases, the one to upgrade to from the \
            instance's docker-compose.yaml. The way is planned first: the migrator's image, its runs, and where it stops \
            for out-of-band migrations. Then the databases are copied (Cloud SQL: backed up), and the migrator is run. \
            `mi-migrate restore` goes back to the copy.

            The migrator runs on the instance's machine. Whatever happens here, it goes on; the same command waits for \
            its end.

            Examples:
              mi-migrate upgrade --dry-run                       # with migration.yaml: the plan, and nothing else
              mi-migrate upgrade --machine=ssh://sre@10.0.0.4
              mi-migrate upgrade --skip-drift-check='only views, as PostgreSQL 16 prints them'
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @OptionGroup var upgrade: UpgradeOptions

    @Flag(name: .goStyle("dry-run"), help: "Show the plan, and change nothing.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if options.database != nil {
            throw ValidationError("The migrator upgrades all databases of an instance: leave --database out.")
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
