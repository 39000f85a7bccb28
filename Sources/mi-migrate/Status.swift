import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the progress of a migration: what is done, what is next, and what that will destroy.",
        discussion: """
            Only reads the journal: run it at any time, even while somebody else is running the migration.

            Examples:
              mi-migrate status
              mi-migrate status --project=customer-prod --instance=main-47cc60a2 --bucket=gs://customer-snapshot
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let target = try options.target(settings, console, keepsJournal: true)
        let status = try await MigrationStatus(
            store: target.store, importer: target.importer, journal: target.journal,
            databases: options.database?.databases ?? target.settings.databases.value)
        console.show(result: status)
        output.print(status.table)
        output.advise(status.summary)
    }
}
