import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// `src-snapshot check`
struct Check: AsyncParsableCommand, ContinuedCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check that the instance and its databases meet the requirements for a migration. Read-only.",
        discussion: """
            Each requirement is one line: ok, warn or FAIL, with what was found and how to fix it. The instance is \
            $SRC_ENDPOINT, asked with $SRC_ACCESS_TOKEN. Choose the databases as for `src-snapshot databases`.

            Examples:
              src-snapshot check docker
              src-snapshot check kubectl --targets=helm --credentials=$CREDENTIALS_FILE
              src-snapshot check pg_dump --targets=targets.yaml --json
              src-snapshot check docker --without-instance

            Exit status: 0 all requirements are met, 3 at least one is not.
            """
    )

    @OptionGroup(title: "Databases") var source: DumpOptions

    @Flag(name: .goStyle("without-instance"), help: "Check only the databases and this machine.")
    var withoutInstance = false

    @Option(
        name: .goStyle("credentials"),
        help: ArgumentHelp("Google credentials file (JSON) that the upload will use.", valueName: "file"),
        completion: .file())
    var credentials: String?

    @OptionGroup(title: "Instance") var instance: InstanceOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    var unnamed: [String] { [source.builder.rawValue] }

    func run() async throws {
        let console = output.console
        let (instance, credentials) = (instance, credentials)
        var check = CheckRequirements(
            dumpers: try source.dumpers(console),
            client: { try instance.client(console, patience: CheckRequirements.patience) }, onEvent: console.show)
        check.takesReplicas = source.fromReplica
        if withoutInstance { check.client = nil }
        if let credentials {
            check.credentials = {
                try .file(FilePath(credentials), environment: ProcessInfo.processInfo.environment)
            }
        }
        let report = try await check.run()
        console.show(result: report)
        output.print(report.findings.text)
        let next =
            report.passed
            ? "Next: \(NextCommand.line("src-snapshot databases --run"))"
            : "Fix the failed checks, then run again: \(NextCommand.again())"
        output.advise("\(report.findings.tally) \(next)")
        if !report.passed { throw ExitCode(MigrationError.Code.unmetRequirement.exitStatus) }
    }
}
