public import MigrationKitFoundation

/// A whole migration as its journal, the manifest and the records of its steps tell it: for whoever ran it, for the
/// customer, and for those who ask in a year.
///
/// Nothing in it is guessed. What should be there and is not stands in `doubts`.
public struct MigrationReport: Sendable, Codable {
    /// Version of the format.
    public static let currentFormat = 1

    /// Version of the format.
    public var format = currentFormat
    /// The program that wrote it, with its version.
    public var createdBy = "mi-migrate \(MigrationKitVersion.current)"
    /// When it was written.
    public var createdAt: Date
    /// Whose migration it is, in words of who asked for the report; nil: the destination's name has to do.
    public var title: String?
    /// What the migration has come to.
    public var verdict: Verdict
    /// The bucket.
    public var snapshot: String
    /// The destination's name.
    public var server: String
    /// What the journal says that the migration is about; nil before it has begun.
    public var identity: MigrationIdentity?
    /// The release that the databases came from, where that is known.
    public var fromRelease: String?
    /// The release that they were brought to, or shall be; nil before an upgrade was planned.
    public var toRelease: String?
    /// When the migration began.
    public var beganAt: Date?
    /// When the import was done, and proven.
    public var importedAt: Date?
    /// When its last step was done; nil if there is more to do.
    public var endedAt: Date?
    /// How long the instance was frozen; nil where it is not handed over, or was not stopped.
    package var window: MigrationWindow?
    /// Who worked on it: the runs of the command, in order.
    package var runs: [Run]
    /// The steps in their order, those that are still to be done, too.
    package var steps: [Step]
    /// Returns to the copy of the databases, each of which takes back the upgrade and all after it; nil: there was none.
    package var restore: Part?
    /// The moment whose rows the dumps hold; nil: they were not taken together, or the manifest does not tell.
    public var instant: SnapshotInstant?
    /// The databases, as they were dumped and as they arrived.
    package var databases: [DatabaseReport]
    /// The way of the upgrade, once it has begun.
    package var upgrade: Upgrade?
    /// What was found when the instance's parts were looked at.
    public var check: [Finding]?
    /// What the acceptance test has found.
    public var acceptance: AcceptanceReport?
    /// What cannot be shown, and why.
    package var doubts: [Doubt]
    /// The journal that all of it comes from.
    package var journal: JournalMark

    /// The journal of a report.
    package struct JournalMark: Sendable, Hashable, Codable {
        /// Where it is.
        package var location: String
        /// How many entries it has.
        package var entries: Int
        /// SHA-256 of its last entry, and by that of all of them.
        package var hash: String
        /// How many imports were begun in it before this one, and left behind.
        package var earlier: Int
    }

    /// Something that should be in the report and is not.
    package struct Doubt: Sendable, Hashable, Codable {
        /// What is missing, or was altered: a step's name, or `manifest.json`.
        package var subject: String
        /// Why, in a sentence.
        package var reason: String
        /// Whether a verdict rests on it.
        package var isProof: Bool
    }

    /// One run of the command.
    package struct Run: Sendable, Hashable, Codable {
        /// `name@host`.
        package var who: String
        /// The program, with its version.
        package var program: String
        /// When it wrote its first entry.
        package var beganAt: Date
        /// When it wrote its last one.
        package var lastAt: Date
        /// How many it wrote.
        package var entries: Int
        /// Whether it said that it had ended; one that was killed did not.
        package var hasEnded: Bool
        /// Whether it is at work while this is written.
        package var isAtWork: Bool
    }

    /// Those who worked on it, each once.
    public var people: [String] {
        var seen: Set<String> = []
        return runs.map(\.who).filter { seen.insert($0).inserted }
    }

    /// The last return to the copy of the databases, where it has not come to its end: nothing else counts until then.
    var openRestore: Attempt? {
        restore?.attempts.last.flatMap { $0.outcome == .done || $0.undone != nil ? nil : $0 }
    }

    /// Seconds that steps took, all of their attempts, those at the same time once; the time between runs is not among
    /// them.
    public var secondsAtWork: Double { steps.flatMap(\.deciding).flatMap(\.attempts).secondsCovered }
}
