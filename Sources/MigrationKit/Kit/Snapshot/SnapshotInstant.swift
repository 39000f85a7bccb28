public import Foundation

/// The moment whose rows the dumps of a snapshot hold.
///
/// PostgreSQL has no snapshot over several databases. Theirs are taken at once, and this tells how far they are apart: a
/// row that was written in that time may be in one database's dump and missing in another's that refers to it.
public struct SnapshotInstant: Sendable, Hashable, Codable {
    /// The databases' snapshots.
    public var moments: [Moment]
    /// From before the first was taken until after the last, in milliseconds, by the clock of whoever took them.
    public var distanceMilliseconds: Double

    /// One database's snapshot.
    public struct Moment: Sendable, Hashable, Codable {
        /// Which database.
        public var database: Database
        /// When it was taken, by the server's clock.
        public var time: Date
        /// Where the server's write-ahead log was, such as `0/16B3748`; nil: it does not tell.
        public var position: String?
    }
}

extension SnapshotInstant {
    /// Which of the databases could differ from the others and by how much, as a sentence.
    public var sentence: String {
        let names = moments.map(\.database.rawValue)
        guard names.count > 1 else { return "The dump of \(names.first ?? "nothing") is of one moment." }
        let list = names.dropLast().joined(separator: ", ") + " and " + names.suffix(1).joined()
        return "The snapshots of \(list) were taken within \(Self.text(distanceMilliseconds)); only what was written "
            + "in that time can be in one of them and not in another."
    }

    private static func text(_ milliseconds: Double) -> String {
        milliseconds < 1 ? "1 ms" : "\(Int(milliseconds.rounded(.up))) ms"
    }
}
