import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate check`
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check that the instance's services, frontend and executors are healthy.",
        discussion: """
            Waits for services that are still starting. Needs SRC_ENDPOINT and SRC_ACCESS_TOKEN, a site admin's token; \
            changes nothing, except that executors, if specified, are scaled up for a test and back. On a machine \
            mi://customer, `mi check --executors` does this instead.

            Exit status 7: a check failed.

            Examples:
              mi-migrate check --machine=ssh://sre@10.0.0.4
              mi-migrate check --executors=gcloud://project/zone/group
            """
    )

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var machine: MachineOptions

    @Option(
        name: .goStyle("executors"),
        help: ArgumentHelp(
            "Check that the executors of this instance group register: gcloud://project/zone/group.",
            valueName: "group"))
    var executors: String?

    @Option(
        name: .goStyle("wait"),
        help: ArgumentHelp("How long to wait until the instance passes all checks.", valueName: "duration"))
    var wait = ArgumentDuration(.seconds(600))

    @Flag(name: .goStyle("take-over"), help: "Break the lock of another run. Make sure that it is dead.")
    var takeOver = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var flow = try await Operation.operating(settings, machine, output.console, [.executors: executors])
        flow.acceptance.patience = wait.duration
        Operation.show(try await flow.check(takingOver: takeOver), of: .check, output)
    }
}
