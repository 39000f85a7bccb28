import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate out-of-band`
struct OutOfBand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "out-of-band",
        abstract: "Finish out-of-band migrations, and wait for their end.",
        discussion: """
            Runs the migrator's `run-out-of-band-migrations` with the image and the settings of the instance's \
            docker-compose.yaml. The databases' proxy has to be running. No run of the \
            migration may be active meanwhile. If the command is interrupted, run it again: it waits for what is running.

            Examples:
              mi-migrate out-of-band --id=12 --machine=ssh://sre@10.0.0.4
              mi-migrate out-of-band --id=12 --id=14             # with migration.yaml
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @Option(
        name: .goStyle("id"),
        help: ArgumentHelp("The number of a migration. Can be given more than once.", valueName: "number"))
    var id: [Int] = []

    @OptionGroup var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if id.isEmpty { throw ValidationError("Specify the migrations: --id=12.") }
    }

    func run() async throws {
        let flow = try await RunMigrator(settings, access, machine, output.console)
        let result = try await flow.finishOutOfBandMigrations(id, takingOver: lock.takeOver)
        output.console.show(result: ["out-of-band": result])
        output.advise(result)
    }
}
