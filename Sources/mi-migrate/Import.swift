import ArgumentParser
import Foundation
import MigrationKitCommandSupport

/// `mi-migrate import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads a snapshot into Cloud SQL, or any PostgreSQL, and proves that it holds what was dumped.",
        discussion: """
            Bucket and destination are validated first. Then the databases pgsql, codeintel-db and codeinsights-db are \
            dropped and made anew, loaded, and compared with what was dumped: every table's rows and content digest \
            where there is a connection to the database, rows alone where there is none.

            Each step is noted in a journal in the bucket. Whatever stopped an import, the same command goes on with it: \
            what Cloud SQL was asked for is found again and not asked for twice.

            A PostgreSQL that is named with --into needs a role with CREATEDB that may make the dump's extensions, not a superuser; its password comes from \
            PGPASSWORD or ~/.pgpass. Its import is noted in a journal if one is named, or the bucket has one of it.

            Examples:
              mi-migrate import --project=customer-prod --instance=main-47cc60a2 --bucket=gs://customer-snapshot
              mi-migrate import --dry-run                      # with the runbook's variables, or migration.yaml
              mi-migrate import --until=validate               # nothing is changed
              mi-migrate import --connection=postgres://sourcegraph-admin@localhost:5433/postgres --backup --yes
              PGPASSWORD=… mi-migrate import --bucket=./bucket --into=postgres://admin@db.example.com/postgres
              mi-migrate import --bucket=./bucket --into='postgres:///postgres?host=/var/run/postgresql' --yes
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are dropped.")
    var yes = false

    @Flag(name: .goStyle("dry-run"), help: "Tell what would be done and destroyed, and change nothing.")
    var dryRun = false

    @Option(
        name: .goStyle("until"),
        help: "The last step: \(MigrationStep.ofImport.map(\.rawValue).joined(separator: ", ")).")
    var until = MigrationStep.analyze

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !MigrationStep.ofImport.contains(until) { throw ValidationError("An import has no step \(until.rawValue).") }
    }

    func run() async throws {
        let console = output.console
        var flow = try await options.importing(settings, console) { [self] plan in try confirm(plan) }
        flow.until = until
        guard !dryRun else {
            let plan = try await flow.plan()
            console.show(result: plan)
            output.print(plan.table)
            return
        }
        try await Self.run(flow, output, console)
    }

    /// Runs an import and shows what it comes to.
    static func run(_ flow: ImportSnapshot, _ output: OutputOptions, _ console: Console) async throws {
        let report = try await flow.run()
        console.show(result: report)
        guard !report.proofs.isEmpty else { return }
        output.print(table(report.proofs))
        let missing = flow.importer.provesContents ? "a manifest" : "a connection (--connection)"
        let proven =
            report.proofs.contains(where: \.countsOnly)
            ? "as many rows as the dumps; their content could not be compared, for want of \(missing)."
            : "exactly the rows that were dumped."
        output.advise("\(flow.importer.serverName) holds \(proven)")
    }

    private func confirm(_ plan: ImportPlan) throws -> Bool {
        output.advise(
            plan.dropped.isEmpty ? "\(plan.server): none of the databases is there yet." : Self.table(plan))
        return try Confirmation.given(yes: yes, plan.server, "would be dropped")
    }

    /// What would be dropped.
    static func table(_ plan: ImportPlan) -> String {
        var table = TextTable(["will be dropped", "size", "rows (about)"], rightAligned: [1, 2])
        for one in plan.dropped {
            table.add([one.name, Quantity.bytes(one.size), one.rows.map(Quantity.count) ?? "-"])
        }
        return "\(plan.server):\n\(table.text)"
    }

    static func table(_ proofs: [ContentProof]) -> String {
        var table = TextTable(["database", "table", "rows dumped", "rows imported", "content"], rightAligned: [2, 3])
        for proof in proofs {
            for one in proof.tables {
                table.add([
                    proof.database.importedName, one.table.description, Quantity.count(one.dumped),
                    one.imported.map(Quantity.count) ?? "-", proof.countsOnly ? "not compared" : "equal",
                ])
            }
        }
        return table.text
    }
}
