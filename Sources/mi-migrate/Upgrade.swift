import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate upgrade`
struct Upgrade: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Upgrade the imported databases to the instance's release.",
        discussion: """
            Reads the release to upgrade from in the dump and the databases, and the release to upgrade to in the \
            instance's docker-compose.yaml. Plans the upgrade first: the migrator's image, its runs, and where it stops \
            for out-of-band migrations. Then copies the databases (on Cloud SQL: backs them up), and runs the migrator. \
            `mi-migrate restore` restores that copy.

            The migrator runs on the instance's machine, and continues if this command is interrupted. Run the same \
            command again to wait for it.

            Examples:
              mi-migrate upgrade --dry-run         # only show the plan
              mi-migrate upgrade --machine=ssh://sre@10.0.0.4
              mi-migrate upgrade --skip-drift-check='views of PostgreSQL 16'
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Database access") var access: AccessOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var database: DatabaseOptions

    @OptionGroup(visibility: .hidden) var options: ImportOptions

    @OptionGroup(visibility: .hidden) var server: ServerOptions

    @OptionGroup(title: "Upgrade") var upgrade: UpgradeOptions

    @Flag(name: .goStyle("dry-run"), help: "Show the plan. Change nothing.")
    var dryRun = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if database.database != nil {
            throw ValidationError("The migrator upgrades all databases of an instance: remove --database.")
        }
    }

    func run() async throws {
        let console = output.console
        let target = try await MigrationTarget(
            settings.settings(console, access.flags, machine.flags), settle: server.settle.duration, looks: dryRun,
            console)
        let instance = try MachineOptions.requiredInstance(target.settings, onEvent: console.show)
        let flow = try await upgrade.upgrading(target, instance, console)
        if dryRun {
            let path = try await flow.plan()
            console.show(result: path)
            output.print(path.text)
            return
        }
        let path = try await flow.run(takingOver: lock.takeOver)
        console.show(result: path)
        output.advise("\(path.summary)")
    }
}
