/// The steps of a migration, in their order.
public enum MigrationStep: String, Sendable, Codable, CaseIterable, Comparable {
    /// Bucket and destination are looked at. Nothing is changed.
    case validate
    /// The instance is stopped, so that nothing else writes to its databases.
    case freeze
    /// The databases are backed up.
    case backup
    /// Databases are dropped and made anew, empty.
    case reset
    /// Extensions are made.
    case extensions
    /// Dumps are loaded.
    case load
    /// What the server holds is compared with what was dumped.
    case prove
    /// Planner statistics are gathered.
    case analyze
    /// The instance's way to its databases is opened.
    case proxy
    /// A copy of the databases as they were imported, to which `mi-migrate restore` goes back.
    case restorePoint = "restore-point"
    /// The databases are brought to the instance's release.
    case upgrade
    /// The instance is started.
    case start
    /// The instance is made the operator's and the customer's.
    case initialise
    /// The instance's parts are looked at.
    case check
    /// The instance is held against the customer's summary.
    case test
    /// The notice that the customer's instance was given is taken down.
    case notice

    /// Those of an import.
    public static let ofImport: [MigrationStep] = [.validate, .backup, .reset, .extensions, .load, .prove, .analyze]

    /// Those without which nothing is proven; no other can stand in for them.
    public static let indispensable: [MigrationStep] = [.validate, .reset, .extensions, .load, .prove]

    /// The step that a name in the journal is of: `load` of `load primary.sql`.
    init?(journaled name: String) {
        self.init(rawValue: name.split(separator: " ", maxSplits: 1).first.map(String.init) ?? name)
    }

    /// In their order.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The step's name in the journal.
    func name(_ database: Database) -> String { "\(rawValue) \(database.importedName)" }
    static func name(of load: DumpLoad) -> String { "\(Self.load.rawValue) \(load.name)" }

    /// Its names for all databases of a snapshot.
    func names(_ snapshot: ImportedSnapshot) -> [String] { snapshot.dumps.map { name($0.database) } }

    /// All steps of an import, in their order.
    static func names(of snapshot: ImportedSnapshot, backsUp: Bool) -> [String] {
        (backsUp ? [backup.rawValue] : []) + reset.names(snapshot)
            + snapshot.dumps.filter(snapshot.needsExtensions).map { extensions.name($0.database) }
            + snapshot.loads.map(name(of:)) + prove.names(snapshot) + analyze.names(snapshot)
    }

    /// All that is done to one database.
    static func all(of database: Database, _ snapshot: ImportedSnapshot) -> [String] {
        [reset, extensions, prove, analyze].map { $0.name(database) }
            + snapshot.loads.filter { $0.database == database }.map(name(of:))
    }
}

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

/// What an import came to.
public struct ImportReport: Sendable, Encodable {
    /// The proof of each database; none where all was done by an earlier run, or the import ended before it.
    public var proofs: [ContentProof]
    /// When all was done; nil if it is not.
    public var completedAt: String?
}

extension DestinationState {
    /// - Throws: ``MigrationError`` if a dump cannot be imported here.
    func check(_ dump: SnapshotManifest.DatabaseEntry, _ serverName: String) throws {
        if let dumped = dump.contents.serverMajor, dumped > major {
            throw MigrationError(
                .unmetRequirement, "\(dump.name) comes from PostgreSQL \(dumped); \(serverName) runs \(major).",
                next: "Choose a destination with PostgreSQL \(dumped) or later."
            )
        }
        let lacking = dump.contents.extensions.map(\.name).filter { !availableExtensions.contains($0) }
        guard lacking.isEmpty else {
            throw MigrationError(
                .unmetRequirement,
                "\(serverName) does not offer \(lacking.joined(separator: ", ")), which \(dump.name) needs.",
                next: lacking.compactMap { CloudSQLExtensions.refusal(of: .init(name: $0, schema: nil))?.printable }
                    .first
                    ?? "Install their packages on the server. Cloud SQL has those alone that Google offers: what needs "
                    + "others has to be taken out of the source before it is dumped."
            )
        }
    }
}

extension DestinationState.Connection: CustomStringConvertible {
    /// `pgsql: psql as app, from 10.0.0.7`.
    public var description: String {
        "\(database): \(application.isEmpty ? "unnamed" : application) as \(role), from \(address)".printable
    }
}
