import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate cancel`
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Has Cloud SQL end the operation that an import waits for.",
        discussion: """
            To stop mi-migrate is not enough: an import goes on by itself. What it has loaded may stay; the next \
            `mi-migrate import` empties that database first, or goes on with the part of a split dump that was \
            interrupted.

            Examples:
              mi-migrate cancel --config=acme.yaml
              mi-migrate cancel --project=customer-prod --instance=main-47cc60a2 --bucket=gs://customer-snapshot
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let target = try options.target(settings, console)
        guard let importer = target.importer as? CloudSQLImporter else {
            throw MigrationError(
                .usage, "An import with --into ends with the mi-migrate that runs it.", next: "Press Ctrl-C there.")
        }
        try await target.journal.read()
        guard let operation = try await importer.cancelRunningOperation() else {
            return output.advise("No operation of this import is running.")
        }
        console.show(result: ["cancelled": operation])
        output.advise("Cloud SQL was asked to end the operation \(operation). `mi-migrate import` goes on from there.")
    }
}
