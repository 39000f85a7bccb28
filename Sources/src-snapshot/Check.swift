import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// `src-snapshot check`
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks whether the instance and its databases can be moved, before anything is dumped.",
        discussion: """
            Each requirement is a line: ok, warn or FAIL, with what was found and what to do about it. Nothing is \
            written. The instance is that of SRC_ENDPOINT and SRC_ACCESS_TOKEN; the databases are named as for \
            `databases`.

            Examples:
              src-snapshot check docker
              src-snapshot check kubectl --targets=helm -credentials=$CREDENTIALS_FILE
              src-snapshot check pg_dump --targets=targets.yaml --json
              src-snapshot check docker --without-instance

            Exit status: 0 nothing stands in the way, 3 something does.
            """
    )

    @OptionGroup var source: DumpOptions

    @Flag(name: .goStyle("without-instance"), help: "Look at the databases and this machine alone.")
    var withoutInstance = false

    @Option(name: .goStyle("credentials"), help: "The Google credentials that the upload will use: a file of JSON.")
    var credentials: String?

    @OptionGroup var instance: InstanceOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let (instance, credentials) = (instance, credentials)
        var check = CheckRequirements(
            dumpers: try source.dumpers(console), client: { try instance.client(console) }, onEvent: console.show)
        if withoutInstance { check.client = nil }
        if let credentials {
            check.credentials = {
                try .file(FilePath(credentials), environment: ProcessInfo.processInfo.environment)
            }
        }
        let report = try await check.run()
        console.show(result: report)
        output.print(report.findings.text)
        let same = source.targets == nil ? "" : ", with the same --targets"
        let next =
            report.passed
            ? "Next: src-snapshot databases \(source.builder.rawValue) --run\(same)"
            : "Fix the failed checks, then run `src-snapshot check` again."
        output.advise("\(report.findings.tally) \(next)")
        if !report.passed { throw ExitCode(MigrationError.Code.unmetRequirement.exitStatus) }
    }
}
