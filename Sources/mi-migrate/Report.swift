import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate report`
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a report of the migration: one self-contained page, or JSON.",
        discussion: """
            Shows the verdict, every step with its attempts, sizes and rates, the proof of each table, the changes to \
            the dumps, the upgrade, and the checks of the instance. All of it comes from the journal, the manifest and \
            the records of the steps. Run it at any time, even after a failure: it changes nothing. Exit status 0 means \
            that the report was written, not that the migration passed.

            Examples:
              mi-migrate report                       # report.html
              mi-migrate report --title='Acme Corp.' -o acme.html
              mi-migrate report -o acme.json
              mi-migrate report --all=gs://journals -o all.html
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var database: DatabaseOptions

    @OptionGroup(visibility: .hidden) var options: ImportOptions

    @OptionGroup(visibility: .hidden) var server: ServerOptions

    @OptionGroup(visibility: .hidden) var lock: LockOptions

    @OptionGroup var all: AllOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the report to this file, ending in .html or .json.", valueName: "file"),
        completion: .file())
    var output: String = "report.html"

    @Option(help: ArgumentHelp("Put this at the head of the page, such as the customer's name.", valueName: "text"))
    var title: String?

    @OptionGroup(title: "Output") var shown: OutputOptions

    func run() async throws {
        let console = shown.console
        let path = FilePath(output)
        // Before anything is read: a name that is no good is known at once.
        let form = try MigrationReport.Form(of: path)
        if !all.places.isEmpty {
            let overview = try await all.overview(settings, console)
            try await overview.write(to: path, form)
            console.show(result: overview)
            return shown.advise("\(overview.summary) Wrote the report to \(output).")
        }
        let target = try await MigrationTarget(settings.settings(console, access.flags), looks: true, console)
        var flow = ReportMigration(
            store: target.store, server: target.importer.serverName, journal: target.journal)
        flow.title = title
        let report = try await flow.run()
        try await report.write(to: path)
        console.show(result: report)
        let verdict = report.verdict
        shown.print(
            ["\(verdict.title).", verdict.text, verdict.next].compactMap(\.self).joined(separator: " ").printable)
        shown.advise("Wrote the report to \(output).")
    }
}
