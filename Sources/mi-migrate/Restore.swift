import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate restore`
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Goes back to the databases as they were before their upgrade.",
        discussion: """
            The instance is stopped, and the copy is brought back that `upgrade` has kept: databases that were imported \
            and proven. `mi-migrate run` or `upgrade` goes on from there. On Cloud SQL that is a restored backup, which \
            takes minutes and brings all of the instance back; elsewhere it is a copy of files.

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
            "The databases of \(server) are as they were before the upgrade. `mi-migrate run` goes on from there.")
    }
}
