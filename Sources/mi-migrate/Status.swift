import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells how far a migration is: what is done, what is next and what it will destroy.",
        discussion: """
            Reads the journal and changes nothing; it may be run while somebody works on the migration.

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
