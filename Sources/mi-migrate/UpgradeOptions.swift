import ArgumentParser
import MigrationKitCommandSupport

/// From which release to which, and by what.
struct UpgradeOptions: ParsableArguments {
    @Option(
        name: .goStyle("from"),
        help: ArgumentHelp(
            "The release that was dumped, if neither the dump nor the databases say.", valueName: "release"))
    var from: String?

    @Option(
        name: .goStyle("to"),
        help: ArgumentHelp(
            "The release that the instance runs (default: from its docker-compose.yaml).", valueName: "release"))
    var to: String?

    @Option(
        name: .goStyle("migrator"),
        help: ArgumentHelp("A newer release whose migrator runs the upgrade.", valueName: "release"))
    var migrator: String?

    @Option(
        name: .goStyle("skip-drift-check"),
        help: ArgumentHelp(
            "Skip the schema drift check, and record why: --skip-drift-check='views of PostgreSQL 16'.",
            valueName: "reason"))
    var skipDriftCheck: String?

    @Option(name: .goStyle("attempts"), help: "How many times to run the migrator before giving up.")
    var attempts = 3

    func validate() throws {
        if attempts < 1 { throw ValidationError("--attempts must be at least 1.") }
        if skipDriftCheck == "" { throw ValidationError("--skip-drift-check needs a reason.") }
    }

    /// The upgrade, as it was asked for.
    func upgrading(
        _ target: MigrationTarget, _ instance: any InstanceController, _ console: Console
    ) async throws -> UpgradeInstance {
        var flow = try await target.upgrading(instance, console)
        (flow.from, flow.to, flow.migrator) = (from, to, migrator)
        (flow.skipsDriftCheck, flow.attempts) = (skipDriftCheck, attempts)
        return flow
    }
}
