import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate restore`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
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

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are replaced.")
    var yes = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let target = try options.target(settings, console, machine.flags, keepsJournal: true)
        let server = target.importer.serverName
        var flow = RestoreDatabases(
            instance: MachineOptions.instance(target.settings, onEvent: console.show), importer: target.importer,
            journal: target.journal, databases: options.database?.databases
        ) { [yes, output] copy in
            output.advise("\(server): the databases would be replaced by the copy \(copy).")
            return try Confirmation.given(yes: yes, server, "would be replaced")
        }
        flow.terminatesConnections = options.terminateConnections
        let copy = try await flow.run(takingOver: options.takeOver)
        console.show(result: ["restored": copy])
        output.advise(
            "Restored the databases of \(server) to their state before the upgrade. Next: mi-migrate run")
    }
}
