import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate restore`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore the databases to their state before the upgrade.",
        discussion: """
            Stops the instance, and restores the copy of the imported and proven databases that `upgrade` made. \
            `mi-migrate run` or `upgrade` then continues from there. On Cloud SQL, this restores a backup of the whole \
            instance, which takes minutes; elsewhere, it copies files.

            Examples:
              mi-migrate restore
              mi-migrate restore --machine=ssh://sre@10.0.0.4 --yes
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Database access") var access: AccessOptions

    @OptionGroup var database: DatabaseOptions

    @OptionGroup var server: ServerOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var options: ImportOptions

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are replaced.")
    var yes = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let target = try await MigrationTarget(
            settings.settings(console, access.flags, machine.flags), settle: server.settle.duration, console)
        let name = target.importer.serverName
        var flow = RestoreDatabases(
            instance: MachineOptions.instance(target.settings, onEvent: console.show), importer: target.importer,
            journal: target.journal, databases: database.database?.databases,
            confirm: { [yes, output] copy in
                output.warn("\(name): the databases would be replaced by the copy \(copy).")
                return try Confirmation.given(yes: yes, name, "would be replaced")
            }, onEvent: console.show)
        flow.terminatesConnections = server.terminateConnections
        let copy = try await flow.run(takingOver: lock.takeOver)
        console.show(result: ["restored": copy])
        output.advise(
            "Restored the databases of \(name) to their state before the upgrade. Next: "
                + NextCommand.line("mi-migrate run"))
    }
}
