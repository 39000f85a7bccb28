package import MigrationKitFoundation

/// One database of a migration: what was dumped, and whether it arrived.
package struct DatabaseReport: Sendable, Codable {
    /// Which.
    package var database: Database
    /// The dump, by the manifest; nil where that cannot be read.
    package var dump: Dump?
    /// The proof; nil before there is one.
    package var proof: ContentProof?
    /// How long its import took, stage by stage, and how long it was estimated to take.
    package var stages: [Stage] = []
    /// What the estimates go by; nil: there are none.
    package var estimatedBy: String?

    /// A stage of an import: all steps of one kind.
    package struct Stage: Sendable, Codable {
        /// `load`, `indexes` or `proof`.
        package var name: String
        /// From the beginning of its first step to the end of its last; nil: it is not over.
        package var seconds: Double?
        /// What it was estimated to take.
        package var estimatedSeconds: Double?
    }

    /// A dump as the manifest tells of it.
    package struct Dump: Sendable, Codable {
        /// Bytes of its objects.
        package var bytes: Int64
        /// How many objects it is in.
        package var parts: Int
        /// When its upload began; nil where the manifest has no time.
        package var uploadedAt: Date?
        /// What was done to it for the destination.
        package var profile: RewriteProfile
        /// Version of the server that was dumped.
        package var serverVersion: String?
        /// Version of the pg_dump that wrote it.
        package var pgDumpVersion: String?
        /// Version of Sourcegraph.
        package var sourcegraphVersion: String?
        /// State of the schema migrations.
        package var migrations: [SchemaMigrationState]
        /// Extensions that it needs.
        package var extensions: [String]
        /// How many tables it has.
        package var tables: Int
        /// Rows of all tables.
        package var rows: Int
        /// How many sequences it has.
        package var sequences: Int
        /// What was commented out for the destination.
        package var rewrites: [Rewrite]
    }

    /// How many rewrites there are of each rule, in the rules' order; rules that took nothing out are left out.
    package var rewriteCounts: [(rule: Rewrite.Rule, count: Int)] {
        let rewrites = Dictionary(grouping: dump?.rewrites ?? [], by: \.rule)
        return Rewrite.Rule.allCases.compactMap { rule in rewrites[rule].map { (rule, $0.count) } }
    }

    init(
        database: Database, entry: SnapshotManifest.DatabaseEntry?, proof: ContentProof?,
        estimate: StageEstimate? = nil, state: JournalState = .init()
    ) {
        (self.database, self.proof) = (database, proof)
        dump = entry.map(Dump.init)
        guard let entry else { return }
        estimatedBy = estimate?.basis
        let indexes = entry.parts.filter { $0.kind == .indexes }.map { JournaledStep.load($0.object.name) }
        let loads = [JournaledStep.load(database.dumpName)] + entry.parts.map { .load($0.object.name) }
        let rows = loads.filter { !indexes.contains($0) }
        stages = [
            Stage(name: "load", seconds: state.seconds(of: rows), estimatedSeconds: estimate?.rows),
            Stage(name: "indexes", seconds: state.seconds(of: indexes), estimatedSeconds: estimate?.indexes),
            Stage(
                name: "proof", seconds: state.seconds(of: [MigrationStep.prove.of(database)]),
                estimatedSeconds: estimate?.proof),
        ].filter { $0.seconds != nil || $0.estimatedSeconds != nil }
    }
}

extension JournalState {
    /// How long steps took together, of those that have begun; nil: none has, or not all are done.
    fileprivate func seconds(of names: [JournaledStep]) -> Double? {
        let steps = names.compactMap(step)
        guard let begin = steps.map(\.beganAt).min(), steps.allSatisfy({ $0.finishedAt != nil }),
            let end = steps.compactMap(\.finishedAt).max()
        else { return nil }
        return max(0, end.timeIntervalSince(begin))
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
