import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Load a snapshot into Cloud SQL or any PostgreSQL, and prove that it matches what was dumped.",
        discussion: """
            Validates the bucket and the destination first and, if its machine is set, what `run` will need of the \
            instance: docker on the machine, an upgrade to the release it is set up for, $SRC_ACCESS_TOKEN. Then drops and recreates the databases pgsql, codeintel-db \
            and codeinsights-db, loads them, and compares them with what was dumped: every table's row count and \
            content digest if there is a connection to the database, otherwise only row counts.

            Into Cloud SQL, several sessions load over --connection, if it is set; otherwise, and with --through=api, \
            the instance fetches one object at a time through Google's Admin API. Both leave the same.

            Each step is recorded in a journal. If an import is interrupted, run the same command again: it finds the \
            operations that Cloud SQL has already started, and does not start them twice. The journal is in the \
            bucket, or where --journal sets it. With --into and a Google bucket, or a folder that cannot be written \
            to, it is in $XDG_STATE_HOME/mi-migrate (default: ~/.local/state/mi-migrate).

            For a PostgreSQL server (--into), use a role with CREATEDB that is allowed to create the dump's extensions; \
            it does not have to be a superuser. Its password comes from PGPASSWORD or ~/.pgpass.

            With --follow, the import begins while the customer's `src-snapshot run` is still uploading. It drops the \
            databases as soon as their schemas are in the bucket, and loads rows as they arrive. Once manifest.json is \
            there, what was loaded is compared with it, and the usual import does the rest: indexes, the comparison \
            with what was dumped, statistics. What only the manifest tells, such as a dump that lacks rows, is found \
            then.

            Examples:
              mi-migrate import --project=customer-prod \\
                --instance=main-47cc60a2 --bucket=gs://customer-snapshot
              mi-migrate import --dry-run          # with variables or migration.yaml
              mi-migrate import --until=validate   # nothing is changed
              mi-migrate import --backup --yes \\
                --connection=postgres://sourcegraph-admin@localhost:5433/postgres
              PGPASSWORD=… mi-migrate import --bucket=./bucket \\
                --into=postgres://admin@db.example.com/postgres
              mi-migrate import --bucket=./bucket --yes \\
                --into='postgres:///postgres?host=/var/run/postgresql'
              mi-migrate import --follow --wait=2h --bucket=gs://customer-snapshot \\
                --into=postgres://admin@db.example.com/postgres
            """
    )

    @OptionGroup var importing: ImportingOptions

    @OptionGroup var follow: FollowOptions

    @Option(name: .goStyle("wait"), help: FollowOptions.waitHelp)
    var wait: ArgumentDuration?

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are dropped.")
    var yes = false

    @Option(name: .goStyle("confirm"), help: Confirmation.nameHelp)
    var confirmed: String?

    @Flag(name: .goStyle("dry-run"), help: "Show what would be done and destroyed. Change nothing.")
    var dryRun = false

    @Option(name: .goStyle("until"), help: ArgumentHelp("Stop after this step.", valueName: "step"))
    var until = ImportStep(step: .analyze)

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        try follow.validate("--wait", wait)
        if follow.follow, dryRun {
            throw ValidationError("--dry-run shows the plan for a snapshot that is complete: omit --follow.")
        }
    }

    func run() async throws {
        let console = output.console
        let target = try await importing.target(looks: dryRun, console)
        var flow = await importing.flow(of: target, console) { [self] plan in try confirm(plan) }
        flow.preflight = try await target.preflight(console)
        flow.until = until.step
        follow.apply(to: &flow, importing.options, wait)
        guard !dryRun else {
            let plan = try await flow.plan()
            console.show(result: plan)
            output.print(plan.table)
            return
        }
        try await Self.run(flow, output, console)
        if until.step == .analyze {
            output.advise("Next: \(NextCommand.line("mi-migrate report"))")
        }
    }

    /// Runs an import and shows what it comes to.
    static func run(_ flow: ImportSnapshot, _ output: OutputOptions, _ console: Console) async throws {
        let report = try await flow.run()
        console.show(result: report)
        guard !report.proofs.isEmpty else { return }
        output.print(table(report.proofs, ofEachTable: output.verbose))
        let missing = flow.importer.provesContents ? "a manifest" : "a connection (--connection)"
        let proven =
            report.proofs.contains(where: \.countsOnly)
            ? "as many rows as the dumps. Their contents could not be compared without \(missing)."
            : "exactly the rows that were dumped."
        output.advise("\(flow.importer.serverName) holds \(proven)")
    }

    private func confirm(_ plan: ImportPlan) throws -> Bool {
        output.warn(
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

    /// What was proven: a line a database, and one for each table that differs.
    ///
    /// - Parameter ofEachTable: Whether tables that are equal are lines, too: a Sourcegraph has 200.
    static func table(_ proofs: [ContentProof], ofEachTable: Bool) -> String {
        var table = TextTable(["database", "table", "rows dumped", "rows imported", "content"], rightAligned: [2, 3])
        for proof in proofs {
            let equal = ofEachTable ? [] : proof.tables.filter(\.isEqual)
            if !equal.isEmpty {
                table.add([
                    proof.database.importedName,
                    equal.count == 1 ? equal[0].table.description : "\(Quantity.count(equal.count)) tables",
                    Quantity.count(Quantity.sum(equal.map(\.dumped))),
                    Quantity.count(Quantity.sum(equal.compactMap(\.imported))),
                    proof.countsOnly ? "not compared" : "equal",
                ])
            }
            for one in proof.tables where ofEachTable || !one.isEqual {
                table.add([
                    proof.database.importedName, one.table.description, Quantity.count(one.dumped),
                    one.imported.map(Quantity.count) ?? "-",
                    one.isEqual ? proof.countsOnly ? "not compared" : "equal" : "DIFFERENT",
                ])
            }
        }
        return table.text
    }
}
