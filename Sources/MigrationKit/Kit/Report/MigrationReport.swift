public import Foundation

/// A whole migration as its journal, the manifest and the records of its steps tell it: for whoever ran it, for the
/// customer, and for those who ask in a year.
///
/// Nothing in it is guessed. What should be there and is not stands in ``doubts``.
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
    /// Who worked on it: the runs of the command, in order.
    public var runs: [Run]
    /// The steps in their order, those that are still to be done, too.
    public var steps: [Step]
    /// Returns to the copy of the databases, each of which takes back the upgrade and all after it; nil: there was none.
    public var restore: Part?
    /// The moment whose rows the dumps hold; nil: they were not taken together, or the manifest does not tell.
    public var instant: SnapshotInstant?
    /// The databases, as they were dumped and as they arrived.
    public var databases: [DatabaseReport]
    /// The way of the upgrade, once it has begun.
    public var upgrade: Upgrade?
    /// What was found when the instance's parts were looked at.
    public var check: [Finding]?
    /// What the acceptance test has found.
    public var acceptance: AcceptanceReport?
    /// What cannot be shown, and why.
    public var doubts: [Doubt]
    /// The journal that all of it comes from.
    public var journal: JournalMark

    /// The journal of a report.
    public struct JournalMark: Sendable, Hashable, Codable {
        /// Where it is.
        public var location: String
        /// How many entries it has.
        public var entries: Int
        /// SHA-256 of its last entry, and by that of all of them.
        public var hash: String
        /// How many imports were begun in it before this one, and left behind.
        public var earlier: Int
    }

    /// Something that should be in the report and is not.
    public struct Doubt: Sendable, Hashable, Codable {
        /// What is missing, or was altered: a step's name, or `manifest.json`.
        public var subject: String
        /// Why, in a sentence.
        public var reason: String
        /// Whether a verdict rests on it.
        public var isProof: Bool
    }

    /// One run of the command.
    public struct Run: Sendable, Hashable, Codable {
        /// `name@host`.
        public var who: String
        /// The program, with its version.
        public var program: String
        /// When it wrote its first entry.
        public var beganAt: Date
        /// When it wrote its last one.
        public var lastAt: Date
        /// How many it wrote.
        public var entries: Int
        /// Whether it said that it had ended; one that was killed did not.
        public var hasEnded: Bool
        /// Whether it is at work while this is written.
        public var isAtWork: Bool
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

    /// Seconds that steps took, all of their attempts; the time between runs is not among them.
    public var secondsAtWork: Double { steps.reduce(0) { $0 + $1.seconds } }
}
