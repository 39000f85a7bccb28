/// `manifest.json`: what a snapshot holds, and what proves that it arrived.
///
/// Written last: where it is, the snapshot is complete.
public struct SnapshotManifest: Sendable, Hashable, Codable {
    /// Name of the object.
    public static let name = "manifest.json"
    /// Version of this format. A reader refuses one that it does not know.
    public static let currentFormat = 2

    /// Version of the format.
    public var format = currentFormat
    /// The program that wrote it, with its version.
    public var createdBy = "MigrationKit \(MigrationKitVersion.current)"
    /// When it was written, ISO 8601 in UTC.
    public var createdAt = JSONText.timestamp()
    /// The dumps.
    public var databases: [DatabaseEntry]
    /// Databases that the instance does not have: there is nothing of them to wait for. Nil: it has all three.
    public var absent: [Database]?
    /// The moment whose rows the dumps hold; nil: they were not taken together.
    public var instant: SnapshotInstant?
    /// Objects that are no dumps, such as `summary.json`.
    public var files: [StoredObject]

    init(
        databases: [DatabaseEntry], absent: Set<Database> = [], instant: SnapshotInstant? = nil, files: [StoredObject]
    ) {
        self.databases = databases.sorted { $0.database < $1.database }
        self.absent = absent.isEmpty ? nil : absent.sorted()
        self.instant = instant
        self.files = files.sorted { $0.name < $1.name }
    }

    /// Databases that it neither has nor says to be absent.
    package var missing: [Database] {
        Database.allCases.filter { database in
            absent?.contains(database) != true && !databases.contains { $0.database == database }
        }
    }

    /// The object that holds the instance's summary; nil: the snapshot has none.
    public var summary: StoredObject? {
        files.first { AttemptName.plainName(of: $0.name) == SnapshotSummary.name }
    }

    /// One dump.
    public struct DatabaseEntry: Sendable, Hashable, Codable {
        /// Which database.
        public var database: Database
        /// When its upload began, ISO 8601 in UTC.
        public var uploadedAt: String
        /// What was done to the dump for the destination.
        public var profile: RewriteProfile
        /// Its objects, in the order in which they are imported: one, or those of a dump that was split.
        public var parts: [DumpPart]
        /// What it holds.
        public var contents: DumpContents

        package init(
            database: Database, uploadedAt: String = JSONText.timestamp(), profile: RewriteProfile, parts: [DumpPart],
            contents: DumpContents
        ) {
            (self.database, self.uploadedAt, self.profile) = (database, uploadedAt, profile)
            (self.parts, self.contents) = (parts, contents)
        }
    }
}
