import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate rehearse`
struct Rehearse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Imports a snapshot into a scratch PostgreSQL on this machine, and tells what would fail.",
        discussion: """
            Before anybody touches the instance. A server with the roles of Cloud SQL is started in a temporary folder, \
            reached by a socket in it alone; each database is imported and proven there, as a role that is no superuser, \
            and a database that fails keeps the others from nothing. Server and folder are gone at the end, however that \
            comes.

            This machine needs the programs of a PostgreSQL server that is not older than the customer's, and room for \
            the databases.

            Examples:
              mi-migrate rehearse --bucket=gs://customer-snapshot --credentials=operator.json
              mi-migrate rehearse --bucket=./bucket --scratch=/mnt/large --database=primary
              mi-migrate rehearse --bucket=./bucket --postgres-major=16 --json

            Exit status: 0 the import would work, 5 it would fail, 1 it could not be tried.
            """
    )

    @OptionGroup var settings: SettingsOptions

    @Option(name: .goStyle("database"), help: "Only these databases, separated by commas.")
    var database: DatabaseList?

    @Option(
        name: .goStyle("scratch"),
        help: "The folder in which the server makes its own. Left out: TMPDIR, or /tmp.")
    var scratch: String?

    @Option(
        name: .goStyle("postgres-major"),
        help: "The server's major version. Left out: the oldest here that is not older than the dumps'.")
    var postgresMajor: Int?

    @Option(
        name: .goStyle("postgres-bin"),
        help: "The folder of the server's programs. Left out: they are looked for in PATH, then in the usual places.")
    var postgresBin: String?

    @Option(
        name: .goStyle("incomplete"),
        help: "Take dumps that lack rows, tables or indexes, for this reason: --incomplete='REASON'.")
    var incomplete: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if incomplete?.contains(where: { $0.isLetter }) == false {
            throw ValidationError("--incomplete needs a reason.")
        }
        if postgresMajor != nil, postgresBin != nil {
            throw ValidationError("--postgres-major and --postgres-bin exclude each other.")
        }
        if [scratch, postgresBin].contains("") {
            throw ValidationError("--scratch or --postgres-bin names no folder.")
        }
    }

    func run() async throws {
        let console = output.console
        let settings = try settings.settings(console)
        guard let location = settings.bucket?.value else {
            throw MigrationError(
                .usage, "No bucket is named.", next: "Name it with --bucket, DB_DUMP_BUCKET or in migration.yaml.")
        }
        var flow = RehearseImport(
            store: try BucketOptions.store(location, settings.credentials?.value.string, console),
            databases: database?.databases ?? settings.databases.value, scratch: scratch.map { FilePath($0) },
            onEvent: console.show)
        if let postgresMajor { flow.programs = .major(postgresMajor) }
        if let postgresBin { flow.programs = .folder(FilePath(postgresBin)) }
        flow.acceptsIncomplete = incomplete
        let report = try await flow.run()
        console.show(result: report)
        if !output.json { show(report) }
        if !report.isPassed { throw ExitCode(MigrationError.Code.importFailed.exitStatus) }
    }

    private func show(_ report: RehearsalReport) {
        output.print(report.findings.text)
        if !report.proofs.isEmpty { output.print("\n\(Import.table(report.proofs))") }
        if !report.databases.isEmpty { output.print("\n\(Self.table(report.databases))") }
        let verdict = report.isPassed ? "The import would work." : "The import would fail."
        let estimate =
            report.databases.isEmpty
            ? "" : " On this machine it took \(Quantity.duration(report.duration)); an instance has a pace of its own."
        output.advise("\(report.findings.tally) \(verdict)\(estimate)")
    }

    private static func table(_ databases: [RehearsalReport.Rehearsed]) -> String {
        var table = TextTable(["database", "size", "load", "rate", "with proof"], rightAligned: [1, 2, 3, 4])
        for one in databases {
            table.add([
                one.database.importedName, Quantity.bytes(one.size), Quantity.duration(one.loading),
                Quantity.rate(one.size, in: one.loading), Quantity.duration(one.duration),
            ])
        }
        return table.text
    }
}
