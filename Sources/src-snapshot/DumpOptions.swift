import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// Which databases, and how they are reached: for `databases` and `check`.
struct DumpOptions: ParsableArguments {
    @Argument(help: "How to reach the databases: pg_dump, docker or kubectl.")
    var builder: DumpTransport = .pgDump

    @Option(
        name: .goStyle("targets"), help: "Built-in targets or a YAML file (default: the builder's built-in targets).")
    var targets: String?

    @Option(
        name: .goStyle("only"),
        help: ArgumentHelp(
            "Only these databases, comma-separated (default: all that have a target).", valueName: "databases"))
    var only: DatabaseList?

    @Flag(
        name: .goStyle("from-replica"),
        help: "Dump from a replica: without the rows of unlogged tables, and what it has not received yet.")
    var fromReplica = false

    @Option(
        name: .goStyle("stall-timeout"),
        help: ArgumentHelp("Abort if pg_dump sends nothing for this many seconds.", valueName: "seconds"))
    var stallTimeout: Int = 900

    func validate() throws {
        if stallTimeout <= 0 { throw ValidationError("--stall-timeout must be a number of seconds above 0.") }
    }

    /// What dumps each of the databases; what is doubtful is said.
    func dumpers(_ console: Console) throws -> [PgDump] {
        let named = try readTargets(console)
        let missing = (only?.databases ?? Database.allCases).filter { named[$0] == nil }.map(\.rawValue)
        if !missing.isEmpty {
            let names = missing.joined(separator: ", ")
            if only != nil {
                throw MigrationError(
                    .usage, "--only asks for \(names), but \(targets ?? "") has no such target.",
                    next: "Add it there, or remove it from --only.")
            }
            console.show(
                .warning(
                    "\(targets ?? "") has no target for \(names): not dumped. That is right only if the instance has no "
                        + "such database."))
        }
        return named.filter { only?.databases.contains($0.key) ?? true }.sorted { $0.key < $1.key }.map {
            PgDump($0.key, transport: builder, target: $0.value, stallLimit: .seconds(stallTimeout))
        }
    }

    private func readTargets(_ console: Console) throws -> [Database: DatabaseTarget] {
        guard let targets else { return builder.defaultPreset.targets }
        if let preset = TargetPreset(rawValue: targets) { return preset.targets }
        let file = try TargetsFile.read(FilePath(targets))
        for warning in file.warnings { console.show(.warning(warning)) }
        return file.targets
    }
}
