/// A migration of data that Sourcegraph's releases bring with them, apart from those of the schema.
///
/// One that is deprecated has to be finished in the last minor release before that: only up to there is the code that can
/// do it, and the old form of the data understood. That is what makes the migrator's `upgrade` stop on its way.
package struct KnownOutOfBandMigration: Sendable, Hashable {
    /// Its number, the same in every release and in the table `out_of_band_migrations`.
    package let id: Int
    /// What is migrated, in a few words.
    package let subject: String
    /// The minor release that began it.
    package let introduced: SourcegraphVersion
    /// The minor release from which on it has to be finished; nil: none is known. It need not have been released, as 4.6.
    package let deprecated: SourcegraphVersion?

    private init(
        _ id: Int, _ subject: String, _ introduced: (Int, Int), until deprecated: (Int, Int)? = nil
    ) {
        self.id = id
        self.subject = subject
        self.introduced = SourcegraphVersion(introduced.0, introduced.1)
        self.deprecated = deprecated.map { SourcegraphVersion($0.0, $0.1) }
    }

    /// All that are known, by number: what Sourcegraph's public `internal/oobmigration/oobmigrations.yaml` last listed.
    package static let all = [
        KnownOutOfBandMigration(1, "diagnostics per document", (3, 25), until: (4, 0)),
        KnownOutOfBandMigration(2, "SSH keys of batch changes", (3, 26), until: (4, 0)),
        KnownOutOfBandMigration(4, "locations per definition", (3, 26), until: (4, 0)),
        KnownOutOfBandMigration(5, "locations per reference", (3, 26), until: (4, 0)),
        KnownOutOfBandMigration(7, "columns of LSIF documents", (3, 27), until: (4, 0)),
        KnownOutOfBandMigration(13, "webhooks of code hosts", (3, 34), until: (4, 0)),
        KnownOutOfBandMigration(14, "code insights out of settings", (3, 35), until: (4, 0)),
        KnownOutOfBandMigration(15, "account numbers of subscriptions", (3, 43), until: (4, 0)),
        KnownOutOfBandMigration(16, "fields of license keys", (3, 43), until: (4, 0)),
        KnownOutOfBandMigration(17, "recording times of code insights", (4, 3), until: (4, 4)),
        KnownOutOfBandMigration(18, "backfilling of code insights", (4, 3), until: (4, 4)),
        KnownOutOfBandMigration(19, "roles of users", (4, 5), until: (4, 6)),
        KnownOutOfBandMigration(20, "SCIP instead of LSIF", (4, 5), until: (4, 6)),
        KnownOutOfBandMigration(21, "names of changesets' forks", (4, 5)),
        KnownOutOfBandMigration(22, "repository permissions of users", (5, 0)),
        KnownOutOfBandMigration(23, "numbers of empty batch specs", (5, 0)),
        KnownOutOfBandMigration(24, "code hosts of connections", (5, 1), until: (5, 3)),
    ]

    /// The last minor release that can finish it.
    var lastChance: SourcegraphVersion? { deprecated.flatMap(SourcegraphReleases.last(before:)) }

    /// Those that have to be finished on the way from one release to another.
    static func due(from: SourcegraphVersion, to: SourcegraphVersion) -> [KnownOutOfBandMigration] {
        all.filter { migration in
            guard let deprecated = migration.deprecated else { return false }
            return from.minorRelease < deprecated && deprecated <= to.minorRelease
        }
    }
}
