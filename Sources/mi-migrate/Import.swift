import ArgumentParser
import Foundation
import MigrationKitCommandSupport

/// `mi-migrate import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a snapshot into Cloud SQL or any PostgreSQL, and prove that it matches what was dumped.",
        discussion: """
            Validates the bucket and the destination first and, if its machine is set, what `run` will need of the \
            instance: docker on the machine, an upgrade to the release it is set up for, $SRC_ACCESS_TOKEN. Then drops and recreates the databases pgsql, codeintel-db \
            and codeinsights-db, loads them, and compares them with what was dumped: every table's row count and \
            content digest if there is a connection to the database, otherwise only row counts.

            Each step is recorded in a journal in the bucket. If an import is interrupted, run the same command again: \
            it finds the operations that Cloud SQL has already started, and does not start them twice.

            For a PostgreSQL server (--into), use a role with CREATEDB that is allowed to create the dump's extensions; \
            it does not have to be a superuser. Its password comes from PGPASSWORD or ~/.pgpass. Its import has a \
            journal only if --journal is set or the bucket already has a journal for that server.

            Examples:
              mi-migrate import --project=customer-prod --instance=main-47cc60a2 --bucket=gs://customer-snapshot
              mi-migrate import --dry-run                      # with environment variables or migration.yaml
              mi-migrate import --until=validate               # nothing is changed
              mi-migrate import --connection=postgres://sourcegraph-admin@localhost:5433/postgres --backup --yes
              PGPASSWORD=… mi-migrate import --bucket=./bucket --into=postgres://admin@db.example.com/postgres
              mi-migrate import --bucket=./bucket --into='postgres:///postgres?host=/var/run/postgresql' --yes
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are dropped.")
    var yes = false

    @Option(name: .goStyle("confirm"), help: Confirmation.nameHelp)
    var confirmed: String?

    @Flag(name: .goStyle("dry-run"), help: "Show what would be done and destroyed. Change nothing.")
    var dryRun = false

    @Option(
        name: .goStyle("until"),
        help: ArgumentHelp(
            "Stop after this step: \(MigrationStep.ofImport.map(\.rawValue).joined(separator: ", ")).",
            valueName: "step"))
    var until = MigrationStep.analyze

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !MigrationStep.ofImport.contains(until) { throw ValidationError("An import has no step \(until.rawValue).") }
    }

    func run() async throws {
        let console = output.console
        var flow = try await options.importing(settings, machine, console) { [self] plan in try confirm(plan) }
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
            ? "as many rows as the dumps. Their contents could not be compared without \(missing)."
            : "exactly the rows that were dumped."
        output.advise("\(flow.importer.serverName) holds \(proven)")
    }

    private func confirm(_ plan: ImportPlan) throws -> Bool {
        output.advise(
            plan.dropped.isEmpty ? "\(plan.server): none of the databases exists yet." : Self.table(plan))
        return try Confirmation.given(for: plan, yes: yes, name: confirmed)
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
