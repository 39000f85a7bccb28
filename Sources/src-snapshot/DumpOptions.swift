import ArgumentParser
import MigrationKit
import SystemPackage

/// Which databases, and how they are reached: for `databases` and `check`.
struct DumpOptions: ParsableArguments {
    @Argument(help: "How the databases are reached: pg_dump, docker or kubectl.")
    var builder: DumpTransport = .pgDump

    @Option(name: .goStyle("targets"), help: "Ready-made targets or a YAML file; the default goes by the builder.")
    var targets: String?

    @Option(name: .goStyle("only"), help: "Only these databases, separated by commas.")
    var only: DatabaseList = DatabaseList(Database.allCases)

    @Option(name: .goStyle("stall-timeout"), help: "Seconds without a byte after which pg_dump is taken for hanging.")
    var stallTimeout: Int = 900

    func validate() throws {
        if stallTimeout <= 0 { throw ValidationError("--stall-timeout has to be a number of seconds above 0.") }
    }

    /// What dumps each of the databases; what is doubtful is said.
    func dumpers(_ console: Console) throws -> [PgDump] {
        let targets = try readTargets(console)
        return only.databases.compactMap { database in
            targets[database].map {
                PgDump(database, transport: builder, target: $0, stallLimit: .seconds(stallTimeout))
            }
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
