/// One of Sourcegraph's three databases, with the names it goes by.
public enum Database: String, Sendable, Codable, CaseIterable, Comparable {
    /// Users, repositories, settings: what Sourcegraph calls `frontend`.
    case primary
    /// Precise code intelligence.
    case codeintel
    /// Code insights.
    case codeinsights

    /// Name of its dump in a snapshot.
    public var dumpName: String { "\(rawValue).sql" }

    /// All names under which its dump is accepted where one is read: newer versions of `src` write `pgsql.sql`.
    public var acceptedDumpNames: [String] { self == .primary ? [dumpName, "pgsql.sql"] : [dumpName] }

    /// All names that its dump may have in a bucket, where it may be compressed.
    package var storedNames: [String] { acceptedDumpNames.flatMap { [$0, $0 + ".gz"] } }

    /// Keys in a targets file.
    public var targetKeys: [String] { self == .primary ? ["primary", "pgsql"] : [rawValue] }

    /// Name of the database on the managed instance.
    public var importedName: String {
        switch self {
        case .primary: "pgsql"
        case .codeintel: "codeintel-db"
        case .codeinsights: "codeinsights-db"
        }
    }

    /// Name of its schema to Sourcegraph's migrator.
    public var migratorSchema: String { self == .primary ? "frontend" : rawValue }

    /// The first release of Sourcegraph that has it; nil for the one that has always been.
    package var firstRelease: SourcegraphVersion? {
        switch self {
        case .primary: nil
        case .codeintel: SourcegraphVersion(3, 21)
        case .codeinsights: SourcegraphVersion(3, 25)
        }
    }

    /// The database that one of its names names: file, key, database or schema. Nil for another name.
    public init?(anyName name: String) {
        let match = Self.allCases.first { database in
            let names =
                database.acceptedDumpNames + database.targetKeys + [database.importedName, database.migratorSchema]
            return names.contains(name)
        }
        guard let match else { return nil }
        self = match
    }

    /// In the order in which they are dumped and imported.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int { self == .primary ? 0 : self == .codeintel ? 1 : 2 }
}
