import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// `mi-migrate rehearse`
struct Rehearse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Import a snapshot into a scratch PostgreSQL on this machine, and show what would fail.",
        discussion: """
            Run it before anybody touches the instance. It starts a server with Cloud SQL's roles in a temporary folder, \
            reachable only through a socket in that folder, then imports and proves each database as a role that is \
            not a superuser. If the instance's machine is set, it is checked as `run` would check it. If one database fails, the others are still tried. The server and the folder are always \
            removed at the end, however the command ends.

            How long rows, indexes and proof took is kept for `mi-migrate plan`, which estimates the import by it.

            This machine needs the programs of a PostgreSQL server that is not older than the customer's, and disk \
            space for the databases.

            Examples:
              mi-migrate rehearse --bucket=gs://snapshot --credentials=operator.json
              mi-migrate rehearse --bucket=./bucket --scratch=/mnt/large --database=primary
              mi-migrate rehearse --bucket=./bucket --postgres-major=16 --json

            Exit status: 0 the rehearsal passed, 5 the import would fail, 1 it could not be tried.
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @Option(
        name: .goStyle("database"),
        help: ArgumentHelp("Only these databases, comma-separated (default: all).", valueName: "databases"))
    var databases: DatabaseList?

    @Option(
        name: .goStyle("scratch"),
        help: ArgumentHelp("The folder for the scratch server (default: $TMPDIR or /tmp).", valueName: "folder"),
        completion: .directory)
    var scratch: String?

    @Option(
        name: .goStyle("postgres-major"),
        help: ArgumentHelp(
            "The server's major version (default: the oldest installed that is not older than the dumps).",
            valueName: "version"))
    var postgresMajor: Int?

    @Option(
        name: .goStyle("postgres-bin"),
        help: ArgumentHelp(
            "The folder with the server's programs (default: searched in PATH, then in the usual places).",
            valueName: "folder"), completion: .directory)
    var postgresBin: String?

    @Option(
        name: .goStyle("incomplete"),
        help: ArgumentHelp(
            "Accept dumps that lack rows, tables or indexes, and record why: --incomplete='REASON'.",
            valueName: "reason"))
    var incomplete: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if incomplete?.contains(where: { $0.isLetter }) == false {
            throw ValidationError("--incomplete needs a reason.")
        }
        if postgresMajor != nil, postgresBin != nil {
            throw ValidationError("Use --postgres-major or --postgres-bin, not both.")
        }
        if [scratch, postgresBin].contains("") {
            throw ValidationError("--scratch or --postgres-bin is empty.")
        }
    }

    func run() async throws {
        let console = output.console
        let settings = try settings.settings(console, access.flags, machine.flags)
        let store = try BucketOptions.store(
            settings.requiredBucket, settings.credentials?.value.string, console)
        var flow = RehearseImport(
            store: store,
            databases: databases?.databases ?? settings.databases.value, scratch: scratch.map { FilePath($0) },
            onEvent: console.show)
        if let postgresMajor { flow.programs = .major(postgresMajor) }
        if let postgresBin { flow.programs = .folder(FilePath(postgresBin)) }
        flow.acceptsIncomplete = incomplete
        flow.preflight = try await MachineOptions.preflight(
            settings, store, MigrationJournal(store: nil), console)
        let report = try await flow.run()
        try await keep(report.rates, settings)
        console.show(result: report)
        if !output.json { show(report) }
        if !report.isPassed { throw ExitCode(MigrationError.Code.importFailed.exitStatus) }
    }

    /// What the plan of the import goes by.
    private func keep(_ rates: ImportRates?, _ settings: MigrationSettings) async throws {
        guard let rates else { return }
        let place = RatesPlace(
            of: try settings.requiredBucket, environment: ProcessInfo.processInfo.environment)
        do { try await place.write(rates) } catch let error as MigrationError {
            output.warn("The plan of the import will tell no durations: \(error)")
        }
    }

    private func show(_ report: RehearsalReport) {
        output.print(report.findings.text)
        if !report.proofs.isEmpty { output.print("\n\(Import.table(report.proofs, ofEachTable: output.verbose))") }
        if !report.databases.isEmpty { output.print("\n\(Self.table(report.databases))") }
        let verdict = report.isPassed ? "The rehearsal passed" : "The import would fail: fix the failed checks first"
        let estimate =
            report.databases.isEmpty
            ? "."
            : ". It took \(Quantity.duration(report.duration)) here; `mi-migrate plan` estimates the import by it."
        output.advise("\(report.findings.tally) \(verdict)\(estimate)")
    }

    private static func table(_ databases: [RehearsalReport.Rehearsed]) -> String {
        var table = TextTable(
            ["database", "size", "load", "rate", "indexes", "proof", "in all"], rightAligned: [1, 2, 3, 4, 5, 6])
        for one in databases {
            table.add([
                one.database.importedName, Quantity.bytes(one.size), Quantity.duration(one.loading),
                Quantity.rate(one.size, in: one.loading), one.indexing.map(Quantity.duration) ?? "in load",
                Quantity.duration(one.proving), Quantity.duration(one.duration),
            ])
        }
        return table.text
    }
}
