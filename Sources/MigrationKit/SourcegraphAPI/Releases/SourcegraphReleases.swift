/// Sourcegraph's releases, as far as their databases and the migrator go by them.
///
/// The sequence is that of the release tags. A minor release is a ``SourcegraphVersion`` with the patch 0.
package enum SourcegraphReleases {
    private static let spans: [(major: Int, minors: ClosedRange<Int>)] = [
        (3, 20...43), (4, 0...5), (5, 0...11), (6, 0...12), (7, 0...5),
    ]

    /// All minor releases that are known, in their order: 3.43 is followed by 4.0.
    package static let minors: [SourcegraphVersion] = spans.flatMap { span in
        span.minors.map { SourcegraphVersion(span.major, $0) }
    }

    /// `3.20 to 3.43, 4.0 to 4.5 …`.
    static let text = spans.map { "\($0.major).\($0.minors.lowerBound) to \($0.major).\($0.minors.upperBound)" }
        .joined(separator: ", ")

    /// Whether there is a minor release that a version is a patch of.
    static func has(_ version: SourcegraphVersion) -> Bool { minors.contains(version.minorRelease) }

    /// The minor releases from that of one version to that of another, both included.
    static func minors(from first: SourcegraphVersion, to last: SourcegraphVersion) -> [SourcegraphVersion] {
        minors.filter { first.minorRelease <= $0 && $0 <= last.minorRelease }
    }

    /// The last minor release before one, which need not exist itself: 4.5 comes before 4.6.
    static func last(before minor: SourcegraphVersion) -> SourcegraphVersion? {
        minors.last { $0 < minor.minorRelease }
    }

    /// The oldest PostgreSQL that a release and its migrator work with. 3.27 and later refuse one before 12, 6.0 and
    /// later one before 16; 5.10 and 5.11 came with 16 and still take 12.
    ///
    /// - Parameter version: The release.
    /// - Returns: PostgreSQL's major version.
    package static func oldestPostgres(for version: SourcegraphVersion) -> Int {
        version >= .needsPostgres16 ? 16 : version >= .needsPostgres12 ? 12 : 11
    }
}

extension SourcegraphVersion {
    /// The release without the patch: schemas, policies and out-of-band migrations go by it.
    package var minorRelease: SourcegraphVersion { SourcegraphVersion(major, minor) }
    /// `5.1`.
    package var minorName: String { "\(major).\(minor)" }

    static let needsPostgres12 = SourcegraphVersion(3, 27)
    /// The first with an image of the migrator.
    static let hasMigrator = SourcegraphVersion(3, 37)
    /// The first whose code insights are in an ordinary PostgreSQL; until 3.38.1 it was a TimescaleDB.
    static let hasPlainCodeInsights = SourcegraphVersion(3, 39)
    /// The first whose migrator has `upgrade`, with `--skip-version-check` and `--skip-drift-check`.
    static let hasUpgrade = SourcegraphVersion(4, 0)
    static let takesDisableAnimation = SourcegraphVersion(4, 2)
    static let takesIgnoreMigratorUpdate = SourcegraphVersion(5, 1)
    /// The first that came with PostgreSQL 16, which prints the definitions of views another way than 12.
    static let cameWithPostgres16 = SourcegraphVersion(5, 10)
    static let needsPostgres16 = SourcegraphVersion(6, 0)
}
