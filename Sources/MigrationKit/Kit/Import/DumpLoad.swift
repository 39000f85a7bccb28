/// What an importer loads at once: a whole dump, or one of the parts of a dump that was split.
public struct DumpLoad: Sendable {
    /// The dump.
    public var dump: SnapshotManifest.DatabaseEntry
    /// All of its parts, or one of them.
    public var parts: [DumpPart]
    /// Whether the objects hold what the destination is to get. If not, the snapshot has no manifest.
    public var isRewritten: Bool
    /// The object that its part has to be, of an upload that is not complete: no manifest tells of it.
    package var version: ObjectVersion?

    /// Which database it goes into.
    public var database: Database { dump.database }
    /// For events and the journal: the object's name, or the dump's.
    public var name: String { parts.count == 1 ? parts[0].object.name : dump.database.dumpName }
    /// Bytes of the objects.
    public var size: Int64 { Quantity.sum64(parts.map(\.object.size)) }
    /// Whether it is one part of several, which leaves the database as it was if it fails.
    var isPart: Bool { kind != .whole }
    /// What it is for.
    var kind: DumpPart.Kind { parts.count == 1 ? parts[0].kind : .whole }

    /// The step that it is.
    var step: JournaledStep { .load(name) }

    /// What an import of 54 GB was measured to take: 8.7 MB a second, through one session.
    static let bytesPerSecond: Int64 = 8_700_000

    /// The loads of a snapshot, in the order in which an importer does them: where it takes parts, everybody's schema
    /// comes before the first rows, so that what cannot be imported shows within seconds.
    package static func all(
        of dumps: [SnapshotManifest.DatabaseEntry], byPart: Bool, areRewritten: Bool
    ) -> [DumpLoad] {
        guard byPart else { return dumps.map { DumpLoad(dump: $0, parts: $0.parts, isRewritten: areRewritten) } }
        let loads = dumps.flatMap { dump in
            dump.parts.map { DumpLoad(dump: dump, parts: [$0], isRewritten: areRewritten) }
        }
        let kinds = DumpPart.Kind.allCases
        return kinds.flatMap { kind in loads.filter { $0.parts[0].kind == kind } }
    }
}

/// The last part of a split dump finds that others are not in the database, though their imports were said to have
/// gone well.
struct MissingParts: Error {
    /// Names of their objects.
    let names: [String]
    let database: Database
}
