import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// `mi-migrate test`
struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Test that the migrated instance matches the customer's summary and is healthy.",
        discussion: """
            Compares the instance with the customer's summary.json, and checks its health: alerts, code hosts, \
            permissions, migrations, schemas. Always does both. Expected differences are listed with their reason.

            The instance is `endpoint` in migration.yaml, or $SRC_ENDPOINT; $SRC_ACCESS_TOKEN must be a site admin's \
            token.

            Examples:
              mi-migrate test                                 # where migration.yaml is
              mi-migrate test --snapshot-summary=./summary.json
              mi-migrate test --snapshot-summary=gs://bucket/prefix --wait=10m \\
                --credentials=reader.json
              mi-migrate test --snapshot-summary=./bucket --junit=acceptance.xml --json

            Exit status: 0 the instance is ready to hand over, 7 it is not, 3 it could not be tested.
            """
    )

    @Option(
        name: .goStyle("snapshot-summary", "summary-path"),
        help: ArgumentHelp(
            """
            The customer's summary.json: a file, a folder, gs://bucket/prefix or gs://bucket/prefix/summary.json \
            (default: in the bucket of migration.yaml, otherwise src-snapshot/summary.json).
            """, valueName: "file"), completion: .file())
    var snapshotSummary: String?

    @Option(
        name: .goStyle("credentials"),
        help: ArgumentHelp("Google credentials file (JSON) with read access to the bucket.", valueName: "file"),
        completion: .file())
    var credentials: String?

    @Option(
        name: .goStyle("since"),
        help: ArgumentHelp(
            "Count failed permission-sync jobs this far back, such as 1h or 90m.", valueName: "duration"))
    var since = ArgumentDuration(.seconds(3600))

    @Option(
        name: .goStyle("wait"),
        help: ArgumentHelp(
            "Repeat the test for up to this long, such as 10m, until it passes twice in a row.", valueName: "duration"))
    var wait = ArgumentDuration(.zero)

    @Option(
        name: .goStyle("junit"),
        help: ArgumentHelp("Also write the result to this file, as JUnit XML.", valueName: "file"), completion: .file())
    var junit: String?

    @OptionGroup(title: "Instance") var instance: InstanceOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let settings = try MigrationSettings.resolve(
            environment: ProcessInfo.processInfo.environment, file: try SettingsFile.read(nil))
        let expected = try await expected(settings, console)
        let endpoint = instance.config == nil ? settings.endpoint?.value : nil
        var test = TestInstance(
            client: try instance.client(console, endpoint: endpoint), expected: expected, onEvent: console.show)
        test.since = since.duration
        test.patience = wait.duration
        let report = try await test.run()
        if let junit { try await report.writeJUnit(to: FilePath(junit)) }
        console.show(result: report)
        output.print(report.findings.text)
        let verdict =
            report.isPassed
            ? "is ready to hand over" : report.isTested ? "is not ready to hand over" : "could not be tested"
        output.advise("\(report.findings.tally) The instance \(verdict).")
        if !report.isTested { throw ExitCode(MigrationError.Code.unreachable.exitStatus) }
        if !report.isPassed { throw ExitCode(MigrationError.Code.acceptanceFailed.exitStatus) }
    }

    private func expected(_ settings: MigrationSettings, _ console: Console) async throws -> SnapshotSummary {
        let named = try snapshotSummary.map { try SummaryLocation($0) }
        let location =
            try named ?? settings.bucket.map { SummaryLocation(snapshot: $0.value) }
            ?? SummaryLocation("src-snapshot/summary.json")
        let credentials = credentials ?? settings.credentials?.value.string
        return try await location.read(from: try BucketOptions.store(location.bucket, credentials, console))
    }
}
