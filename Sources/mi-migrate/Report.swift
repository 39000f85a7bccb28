import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate report`
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a report of the migration: one page that is complete in itself, or JSON.",
        discussion: """
            The verdict, every step with its attempts, sizes and rates, the proof of each table, what was changed in the \
            dumps, the upgrade, and what was found of the instance: read from the journal, the manifest and what the \
            steps have kept. It may be asked for at any time, also after a failure, and changes nothing. Exit status 0 \
            says that the report is written, whatever is in it.

            Examples:
              mi-migrate report                       # report.html
              mi-migrate report -o acme.json
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @Option(
        name: [.short, .customLong("output"), .customLong("output", withSingleDash: true)],
        help: "The file. Its name ends in .html or in .json.")
    var output: String = "report.html"

    @OptionGroup var shown: OutputOptions

    func run() async throws {
        let console = shown.console
        let path = FilePath(output)
        // Before anything is read: a name that is no good is known at once.
        _ = try MigrationReport.Form(of: path)
        let target = try options.target(settings, console, keepsJournal: true)
        let report = try await ReportMigration(
            store: target.store, server: target.importer.serverName, journal: target.journal
        ).run()
        try await report.write(to: path)
        console.show(result: report)
        shown.print("\(report.verdict.title). \(report.verdict.text)".printable)
        shown.advise("The report is in \(output).")
    }
}
