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
}

extension MigrationStep {
    /// Its names for all databases of a snapshot.
    func names(_ snapshot: ImportedSnapshot) -> [String] { snapshot.dumps.map { name($0.database) } }

    /// All steps of an import, in their order.
    static func names(of snapshot: ImportedSnapshot, backsUp: Bool) -> [String] {
        (backsUp ? [backup.rawValue] : []) + reset.names(snapshot)
            + snapshot.dumps.filter(snapshot.needsExtensions).map { extensions.name($0.database) }
            + snapshot.loads.map(\.step) + prove.names(snapshot) + analyze.names(snapshot)
    }

    /// All that is done to one database.
    static func all(of database: Database, _ snapshot: ImportedSnapshot) -> [String] {
        [reset, extensions, prove, analyze].map { $0.name(database) }
            + snapshot.loads.filter { $0.database == database }.map(\.step)
    }
}
