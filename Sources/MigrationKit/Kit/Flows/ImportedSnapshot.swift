/// A snapshot that was verified, and how it is loaded.
struct ImportedSnapshot: Sendable {
    let manifest: SnapshotManifest?
    let dumps: [SnapshotManifest.DatabaseEntry]
    let loads: [DumpLoad]
    private let byPart: Bool

    /// - Parameter byPart: Whether the importer takes the parts of a dump one by one.
    init(_ verified: VerifySnapshot.Verified, byPart: Bool) {
        self.byPart = byPart
        manifest = verified.manifest
        dumps = verified.dumps
        loads = DumpLoad.all(of: verified.dumps, byPart: byPart, areRewritten: verified.manifest != nil)
    }

    /// Whether the dump's extensions have to be made before it is loaded; a part of their own makes them, too.
    func needsExtensions(_ dump: SnapshotManifest.DatabaseEntry) -> Bool {
        !dump.contents.extensions.isEmpty && !(byPart && dump.parts.contains { $0.kind == .extensions })
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
