import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate test`
struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tests whether a migrated instance is what was dumped, and well.",
        discussion: """
            It is held against the customer's summary.json, and its health is looked at: alerts, code hosts, \
            permissions, migrations, schemas. Both always happen, and what differs as expected is told with its reason.

            The instance is that of SRC_ENDPOINT, or of the endpoint in migration.yaml; it is asked with \
            SRC_ACCESS_TOKEN, a site admin's token.

            Examples:
              mi-migrate test                                 # where migration.yaml is
              mi-migrate test -snapshot-summary=./summary.json
              mi-migrate test -snapshot-summary=gs://bucket/prefix --credentials=reader.json --wait=10m
              mi-migrate test -snapshot-summary=./bucket --junit=acceptance.xml --json

            Exit status: 0 the instance may be handed over, 7 it may not, 3 it could not be asked.
            """
    )

    @Option(
        name: .goStyle("snapshot-summary", "summary-path"),
        help: """
            The customer's summary.json: a file, a folder, gs://bucket/prefix or gs://bucket/prefix/summary.json. Left \
            out: that in the bucket of migration.yaml, else src-snapshot/summary.json.
            """)
    var snapshotSummary: String?

    @Option(name: .goStyle("credentials"), help: "Google credentials that may read the bucket: a file of JSON.")
    var credentials: String?

    @Option(name: .goStyle("since"), help: "How long ago a failed job may have been that counts, such as 1h or 90m.")
    var since = ArgumentDuration(.seconds(3600))

    @Option(name: .goStyle("wait"), help: "Look again until all is well and stays so, for as long as this: 10m.")
    var wait = ArgumentDuration(.zero)

    @Option(name: .goStyle("junit"), help: "Write the result as JUnit XML to this file, too.")
    var junit: String?

    @OptionGroup var instance: InstanceOptions

    @OptionGroup var output: OutputOptions

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
            ? "may be handed over" : report.isTested ? "may not be handed over" : "could not be tested"
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
