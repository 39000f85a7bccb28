public import Foundation

/// One database of a migration: what was dumped, and whether it arrived.
public struct DatabaseReport: Sendable, Codable {
    /// Which.
    public var database: Database
    /// The dump, by the manifest; nil where that cannot be read.
    public var dump: Dump?
    /// The proof; nil before there is one.
    public var proof: ContentProof?

    /// A dump as the manifest tells of it.
    public struct Dump: Sendable, Codable {
        /// Bytes of its objects.
        public var bytes: Int64
        /// How many objects it is in.
        public var parts: Int
        /// When its upload began; nil where the manifest has no time.
        public var uploadedAt: Date?
        /// What was done to it for the destination.
        public var profile: RewriteProfile
        /// Version of the server that was dumped.
        public var serverVersion: String?
        /// Version of the pg_dump that wrote it.
        public var pgDumpVersion: String?
        /// Version of Sourcegraph.
        public var sourcegraphVersion: String?
        /// State of the schema migrations.
        public var migrations: [SchemaMigrationState]
        /// Extensions that it needs.
        public var extensions: [String]
        /// How many tables it has.
        public var tables: Int
        /// Rows of all tables.
        public var rows: Int
        /// How many sequences it has.
        public var sequences: Int
        /// What was commented out for the destination.
        public var rewrites: [Rewrite]
    }

    /// How many rewrites there are of each rule, in the rules' order; rules that took nothing out are left out.
    public var rewriteCounts: [(rule: Rewrite.Rule, count: Int)] {
        let rewrites = Dictionary(grouping: dump?.rewrites ?? [], by: \.rule)
        return Rewrite.Rule.allCases.compactMap { rule in rewrites[rule].map { (rule, $0.count) } }
    }

    init(database: Database, entry: SnapshotManifest.DatabaseEntry?, proof: ContentProof?) {
        (self.database, self.proof) = (database, proof)
        dump = entry.map(Dump.init)
    }
}

extension DatabaseReport.Dump {
    fileprivate init(_ entry: SnapshotManifest.DatabaseEntry) {
        let contents = entry.contents
        self.init(
            bytes: entry.size, parts: entry.parts.count, uploadedAt: TimeText.time(entry.uploadedAt),
            profile: entry.profile,
            serverVersion: contents.serverVersion, pgDumpVersion: contents.pgDumpVersion,
            sourcegraphVersion: contents.sourcegraphVersion, migrations: contents.migrations,
            extensions: contents.extensions.map(\.name), tables: contents.tables.count, rows: contents.rows,
            sequences: contents.sequences.count, rewrites: contents.rewrites)
    }
}
