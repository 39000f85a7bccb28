import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate cancel`
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel the Cloud SQL operation that an import is waiting for.",
        discussion: """
            Stopping mi-migrate is not enough: Cloud SQL continues the import. What it has loaded may stay. The next \
            `mi-migrate import` empties that database first or, for a split dump, continues with the part that was \
            interrupted.

            Examples:
              mi-migrate cancel --config=acme.yaml
              mi-migrate cancel --project=customer-prod \\
                --instance=main-47cc60a2 --bucket=gs://customer-snapshot
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var database: DatabaseOptions

    @OptionGroup(visibility: .hidden) var options: ImportOptions

    @OptionGroup(visibility: .hidden) var server: ServerOptions

    @OptionGroup(visibility: .hidden) var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let target = try await MigrationTarget(
            settings.settings(console, access.flags), settle: server.settle.duration, console)
        let lanes = target.importer as? CloudSQLLanes
        guard let importer = lanes?.api ?? target.importer as? CloudSQLImporter else {
            throw MigrationError(
                .usage, "An import with --into stops with the mi-migrate that runs it.", next: "Press Ctrl-C there.")
        }
        try await target.journal.read()
        guard let operation = try await importer.cancelRunningOperation() else {
            return output.advise(
                "No operation of this import is running."
                    + (lanes == nil ? "" : " What it loads over the connection stops with Ctrl-C, where it runs."))
        }
        console.show(result: ["cancelled": operation])
        output.advise(
            "Asked Cloud SQL to cancel operation \(operation). To continue the import: "
                + NextCommand.line("mi-migrate import"))
    }
}
