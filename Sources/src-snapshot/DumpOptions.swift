import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// Which databases, and how they are reached: for `databases` and `check`.
struct DumpOptions: ParsableArguments {
    @Argument(help: "How to reach the databases: pg_dump, docker or kubectl.")
    var builder: DumpTransport = .pgDump

    @Option(
        name: .goStyle("targets"), help: "Built-in targets or a YAML file (default: the builder's built-in targets).",
        completion: Self.targetsCompletion)
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
        help: ArgumentHelp("Abort if pg_dump sends nothing for this long (default: 15m).", valueName: "duration"),
        transform: ArgumentDuration.orSeconds)
    var stallTimeout = ArgumentDuration(.seconds(900))

    /// The presets, and files beside them.
    private static let targetsCompletion = CompletionKind.shellCommand(
        "echo \(TargetPreset.allCases.map(\.rawValue).joined(separator: " ")); ls *.yaml *.yml 2>/dev/null")

    func validate() throws {
        if stallTimeout.duration == .zero { throw ValidationError("--stall-timeout must be longer than 0.") }
    }

    /// What dumps each of the databases; what is doubtful is said.
    func dumpers(_ console: Console) throws -> [PgDump] {
        let named = try readTargets()
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
                    .init(
                        .targetMissing,
                        "\(targets ?? "") has no target for \(names): not dumped. That is right only if the instance "
                            + "has no such database.", ["targets": .init(targets), "databases": .init(missing)])))
        }
        return named.filter { only?.databases.contains($0.key) ?? true }.sorted { $0.key < $1.key }.map {
            PgDump($0.key, transport: builder, target: $0.value, stallLimit: stallTimeout.duration)
        }
    }

    private func readTargets() throws -> [Database: DatabaseTarget] {
        guard let targets else { return builder.defaultPreset.targets }
        guard let preset = TargetPreset(rawValue: targets) else {
            return try TargetsFile.read(FilePath(targets)).targets
        }
        // A workload is the name of no host and of no container.
        if builder != .kubectl, preset.targets.values.contains(where: { $0.target.contains("/") }) {
            throw MigrationError(
                .usage, "--targets=\(preset.rawValue) is for kubectl, not for \(builder.rawValue).",
                next: "Use kubectl in its place, or other targets: a YAML file, local or docker.")
        }
        return preset.targets
    }
}
