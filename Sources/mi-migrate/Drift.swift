import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate drift`
struct Drift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Compare the schemas of the instance's databases with their release. Read-only.",
        discussion: """
            Runs the migrator's `drift` for each database, with the image and the settings of the instance's \
            docker-compose.yaml, and shows what differs. The databases' proxy has to be running.

            Exit status 3: a schema differs.

            Examples:
              mi-migrate drift --machine=ssh://sre@10.0.0.4
              mi-migrate drift --release=5.1.8     # before the upgrade: what was dumped
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Machine") var machine: MachineOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @Option(
        name: .goStyle("release"),
        help: ArgumentHelp(
            "The release of the databases (default: that of the instance's docker-compose.yaml).", valueName: "release")
    )
    var release: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        var flow = try await RunMigrator(settings, access, machine, console)
        if let release {
            guard let known = SourcegraphVersion(release) else {
                throw MigrationError(
                    .usage, "--release is not a release: `\(release.printable)`.", next: "Write it as 5.1.8.")
            }
            flow.release = known
        }
        let findings = try await flow.drift()
        console.show(result: findings)
        output.print(findings.text)
        guard !findings.contains(where: { $0.verdict == .fail }) else {
            throw MigrationError(.unmetRequirement, "Some schemas are not those of their release.")
        }
    }
}
