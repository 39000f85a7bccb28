import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the progress of a migration: what is done, what is next, and what that will destroy.",
        discussion: """
            Only reads the journal: run it at any time, even while somebody else is running the migration.

            Examples:
              mi-migrate status
              mi-migrate status --all=gs://journals --all=./customers
              mi-migrate status --project=customer-prod \\
                --instance=main-47cc60a2 --bucket=gs://customer-snapshot
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup var database: DatabaseOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var options: ImportOptions

    @OptionGroup(visibility: .hidden) var server: ServerOptions

    @OptionGroup(visibility: .hidden) var lock: LockOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    @OptionGroup var all: AllOptions

    func run() async throws {
        let console = output.console
        if !all.places.isEmpty {
            let overview = try await all.overview(settings, console)
            console.show(result: overview)
            output.print(overview.table)
            return output.advise(overview.summary)
        }
        let target = try await MigrationTarget(settings.settings(console, access.flags), looks: true, console)
        let status = try await MigrationStatus(
            store: target.store, importer: target.importer, journal: target.journal,
            databases: database.database?.databases ?? target.settings.databases.value)
        console.show(result: status)
        output.print(status.table)
        output.advise(status.summary)
        if !status.live.isEmpty { output.advise(status.live) }
        guard status.next != nil || status.following != nil, status.holder == nil else { return }
        let command = "mi-migrate \(status.isRun ? "run" : "import")\(status.following != nil ? " --follow" : "")"
        output.advise("To continue: \(NextCommand.line(command))")
    }
}
