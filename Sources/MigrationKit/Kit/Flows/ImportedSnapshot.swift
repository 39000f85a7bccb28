/// A snapshot that was verified, and how it is loaded.
struct ImportedSnapshot: Sendable {
    let manifest: SnapshotManifest?
    let dumps: [SnapshotManifest.DatabaseEntry]
    let loads: [DumpLoad]
    /// Whether the parts that make extensions are loaded like all others.
    private let loadsExtensions: Bool

    /// - Parameter importer: Whether it takes the parts of a dump one by one, and which of them.
    init(_ verified: VerifySnapshot.Verified, for importer: any DatabaseImporter) {
        loadsExtensions = importer.fetchesObjects
        manifest = verified.manifest
        dumps = verified.dumps
        let isWhole = !(importer.fetchesObjects || importer is any ParallelImporter)
        let loads = DumpLoad.all(of: verified.dumps, byPart: !isWhole, areRewritten: verified.manifest != nil)
        self.loads = importer.fetchesObjects ? loads : loads.filter { $0.kind != .extensions }
    }

    /// A snapshot that is still being uploaded: of its dumps, the schemas are known.
    init(following dumps: [SnapshotManifest.DatabaseEntry], _ schemas: [FollowedUpload.Part]) {
        loadsExtensions = false
        manifest = nil
        self.dumps = dumps
        loads = schemas.compactMap { schema in
            dumps.first { $0.database == schema.database }.map { DumpLoad(following: schema, of: $0) }
        }
    }

    /// Whether the dump's extensions have to be made before it is loaded; a part of their own makes them, too.
    func needsExtensions(_ dump: SnapshotManifest.DatabaseEntry) -> Bool {
        !dump.contents.extensions.isEmpty && !(loadsExtensions && dump.parts.contains { $0.kind == .extensions })
    }

    /// How its dumps are loaded, in a sentence.
    func way(_ importer: any DatabaseImporter) -> String {
        if let api = importer as? CloudSQLImporter {
            let gain =
                api.connection == nil
                ? " With --connection, several sessions would load at the same time."
                : " --through=connection loads on several sessions at the same time."
            return "\(importer.serverName) fetches one object at a time, through the Admin API.\(gain)"
        }
        let over = importer is CloudSQLLanes ? " over --connection" : ""
        guard let parallel = importer as? any ParallelImporter, parallel.jobs > 1 else {
            return "One session loads everything\(over)."
        }
        let whole = loads.filter { !$0.isPart }.map(\.name)
        let reason =
            whole.isEmpty
            ? "" : " \(whole.joined(separator: ", ")) \(whole.count == 1 ? "is" : "are") not split: one session each."
        return "Up to \(parallel.jobs) sessions load at the same time\(over) (\(parallel.jobsOrigin)).\(reason)"
    }

    /// All steps of its import, in their order.
    func steps(backsUp: Bool) -> [JournaledStep] {
        MigrationStep.ofImport.filter { $0 != .validate && ($0 != .backup || backsUp) }.flatMap(parts)
    }

    /// The parts of one step of its import.
    func parts(of step: MigrationStep) -> [JournaledStep] {
        switch step {
        case .reset, .prove, .analyze: dumps.map { step.of($0.database) }
        case .extensions: dumps.filter(needsExtensions).map { step.of($0.database) }
        case .load: loads.map(\.step)
        default: [JournaledStep(step)]
        }
    }

    /// All that is done to one database.
    func steps(of database: Database) -> [JournaledStep] {
        [MigrationStep.reset, .extensions, .prove, .analyze].map { $0.of(database) }
            + loads.filter { $0.database == database }.map(\.step)
    }
}
