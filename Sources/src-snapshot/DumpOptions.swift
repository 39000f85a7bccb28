import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// Which databases, and how they are reached: for `databases` and `check`.
struct DumpOptions: ParsableArguments {
    @Argument(help: "How the databases are reached: pg_dump, docker or kubectl.")
    var builder: DumpTransport = .pgDump

    @Option(name: .goStyle("targets"), help: "Ready-made targets or a YAML file; the default goes by the builder.")
    var targets: String?

    @Option(
        name: .goStyle("only"),
        help: "Only these databases, separated by commas (default: all that there are targets of).")
    var only: DatabaseList?

    @Option(name: .goStyle("stall-timeout"), help: "Seconds without a byte after which pg_dump is taken for hanging.")
    var stallTimeout: Int = 900

    func validate() throws {
        if stallTimeout <= 0 { throw ValidationError("--stall-timeout has to be a number of seconds above 0.") }
    }

    /// What dumps each of the databases; what is doubtful is said.
    func dumpers(_ console: Console) throws -> [PgDump] {
        let named = try readTargets(console)
        let missing = (only?.databases ?? Database.allCases).filter { named[$0] == nil }.map(\.rawValue)
        if !missing.isEmpty {
            let names = missing.joined(separator: ", ")
            if only != nil {
                throw MigrationError(
                    .usage, "--only asks for \(names), and \(targets ?? "") names no target of it.",
                    next: "Add it there, or leave it out of --only.")
            }
            console.show(
                .warning(
                    "\(targets ?? "") names no \(names): nothing of it is dumped. That is right only if the instance has no "
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
