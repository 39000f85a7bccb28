import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot run`
struct Run: AsyncParsableCommand, ContinuedCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Export the whole instance to a bucket: all databases as of one moment, without room on this disk.",
        discussion: """
            Does what `check`, `notice add`, `summary`, `databases` and `upload` do, in one command. The rows are read \
            on several connections at once, and sent as they are read. manifest.json comes last: where it is, the \
            snapshot is complete.

            Tables are locked against ALTER, TRUNCATE and DROP while they are read, as pg_dump does it. Sourcegraph can \
            be used meanwhile, but what is written after the moment of the snapshot is not in it.

            If the command is stopped, run it again: it starts again, under new names in the bucket.

            Examples:
              src-snapshot run docker --bucket=$BUCKET --credentials=$KEY --dry-run
              src-snapshot run docker --bucket=$BUCKET --credentials=$KEY
              src-snapshot run pg_dump --targets=targets.yaml --bucket=$BUCKET --jobs=8
              src-snapshot run kubectl --targets=helm --bucket=$BUCKET --gzip
              src-snapshot run docker --bucket=./bucket --without-instance

            Exit status: 0 success, 1 failed, 2 wrong usage, 3 a requirement is not met, 4 a dump is damaged, 8 another \
            run is active, 130 interrupted.
            """
    )

    @OptionGroup(title: "Databases") var source: DumpOptions

    @OptionGroup(title: "Bucket") var bucket: BucketOptions

    @OptionGroup(title: "Snapshot") var form: ExportOptions

    @OptionGroup(title: "Gaps") var gaps: GapOptions

    @Flag(
        name: .goStyle("without-instance"),
        help: "Do not ask the instance: no check of it, no notice, no summary.json.")
    var withoutInstance = false

    @Flag(name: .goStyle("no-notice"), help: "Do not put up the notice that a migration is in progress.")
    var noNotice = false

    @Flag(
        name: .goStyle("dry-run"),
        help: "Check, measure for some seconds how fast the databases and the bucket are, and send nothing.")
    var dryRun = false

    @Flag(
        name: .goStyle("start-over"),
        help: "Forget that a snapshot was sent to this bucket, because it was removed from there.")
    var startOver = false

    @OptionGroup(title: "Transfer") var link: LinkOptions

    @OptionGroup(title: "Instance") var instance: InstanceOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    var unnamed: [String] { [source.builder.rawValue] }

    func run() async throws {
        let console = output.console
        let dumpers = try source.dumpers(console)
        var export = ExportSnapshot(
            dumpers: dumpers, store: try bucket.store(console, link.options.looking(dryRun)),
            includesSummary: !withoutInstance,
            onEvent: console.show)
        form.apply(to: &export)
        (export.absent, export.acceptsIncomplete) = (gaps.absent, gaps.incomplete)
        export.startsOver = startOver
        export.takesReplicas = source.fromReplica
        try await requireChecks(of: dumpers, console)
        if dryRun { return show(try await export.estimate(), console) }
        if !withoutInstance {
            try await describeInstance(console)
            export.absent.formUnion(export.databasesBeforeTheirRelease())
        }
        show(try await export.run(), in: export.store.location, console)
    }

    /// The requirements, in a line where all are met.
    private func requireChecks(of dumpers: [PgDump], _ console: Console) async throws {
        let (instance, patience) = (instance, dryRun ? CheckRequirements.patience : nil)
        var check = CheckRequirements(
            dumpers: dumpers, client: { try instance.client(console, patience: patience) }, onEvent: console.show)
        if withoutInstance { check.client = nil }
        check.needsSpace = form.keepDumps
        check.takesReplicas = source.fromReplica
        let report = try await check.run()
        let findings = report.passed ? report.findings.filter { $0.verdict == .warn } : report.findings
        if !findings.isEmpty { output.warn(findings.text) }
        output.advise("check: \(report.findings.tally)")
        guard report.passed else {
            output.advise("Fix the failed checks, then run again: \(NextCommand.again())")
            throw ExitCode(MigrationError.Code.unmetRequirement.exitStatus)
        }
    }

    private func describeInstance(_ console: Console) async throws {
        let client = try instance.client(console)
        if !noNotice {
            let found = try await SourcegraphInstance(client)
            let notice = SiteNotice(found, message: SiteNotice.migrationMessage, onEvent: console.show)
            output.advise("notice: \(try await notice.add().hasChanged ? "it is up." : "it was already up.")")
        }
        let summary = try await SummarizeInstance(client: client, onEvent: console.show).run()
        let hosts = summary.instance?.codeHosts.values.reduce(0, +) ?? 0
        output.advise("summary: \(Quantity.count(hosts)) code hosts, \(summary.authProviders.count) auth providers.")
    }

    private func show(_ exported: ExportSnapshot.Exported, in place: String, _ console: Console) {
        console.show(result: exported)
        if output.json { return }
        var table = TextTable(
            ["database", "objects", "size", "rows", "changes", "time"], rightAligned: [1, 2, 3, 4, 5])
        for entry in exported.manifest.databases {
            let seconds = exported.seconds[entry.database.rawValue] ?? 0
            table.add([
                entry.database.rawValue, Quantity.count(entry.parts.count), Quantity.bytes(entry.size),
                Quantity.count(entry.contents.rows), Quantity.count(entry.contents.rewrites.count),
                Quantity.duration(.seconds(seconds)),
            ])
        }
        output.print(table.text)
        output.advise("Next: tell whoever migrates you that the snapshot in \(place) is complete.")
    }

    private func show(_ estimate: ExportEstimate, _ console: Console) {
        console.show(result: estimate)
        if output.json { return }
        var table = TextTable(
            ["database", "dump", "objects", "connections", "rate"], rightAligned: [1, 2, 3, 4])
        for one in estimate.databases {
            table.add([
                one.database.rawValue, "about \(Quantity.bytes(one.bytes))", Quantity.count(one.objects),
                Quantity.count(one.connections),
                one.bytesPerSecond.map { "\(Quantity.bytes(Int64($0)))/s" } ?? "not measured",
            ])
        }
        output.print(table.text)
        output.advise(estimate.sentence)
        output.advise("Nothing was sent. To export: \(NextCommand.again(without: "--dry-run"))")
    }
}
