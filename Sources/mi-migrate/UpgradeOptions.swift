import ArgumentParser
import MigrationKitCommandSupport

/// From which release to which, and by what.
struct UpgradeOptions: ParsableArguments {
    @Option(name: .goStyle("from"), help: "The release that was dumped, if neither dump nor databases tell.")
    var from: String?

    @Option(name: .goStyle("to"), help: "The release that the instance runs. Left out: as its configuration says.")
    var to: String?

    @Option(name: .goStyle("migrator"), help: "A newer release whose migrator does the upgrade.")
    var migrator: String?

    @Option(
        name: .goStyle("skip-drift-check"),
        help:
            "Do not hold the schema against the release, for this reason: --skip-drift-check='views of PostgreSQL 16'.")
    var skipDriftCheck: String?

    @Option(name: .goStyle("attempts"), help: "How often the migrator is run before it is given up.")
    var attempts = 3

    func validate() throws {
        if attempts < 1 { throw ValidationError("--attempts has to be at least 1.") }
        if skipDriftCheck == "" { throw ValidationError("--skip-drift-check needs a reason.") }
    }

    /// The upgrade, as it was asked for.
    func upgrading(
        _ target: ImportOptions.Target, _ instance: any InstanceController, _ console: Console
    ) async throws -> UpgradeInstance {
        var flow = UpgradeInstance(
            instance: instance, importer: target.importer, journal: target.journal, onEvent: console.show)
        let dumped = try await DumpedRelease.read(from: target.store)
        flow.dumpedRelease = dumped.release
        flow.databases = target.settings.databases.value.filter { !dumped.absent.contains($0) }
        (flow.from, flow.to, flow.migrator) = (from, to, migrator)
        (flow.skipsDriftCheck, flow.attempts) = (skipDriftCheck, attempts)
        return flow
    }
}
