package import MigrationKitFoundation

/// The moment whose rows the dumps of a snapshot hold.
///
/// PostgreSQL has no snapshot over several databases. Theirs are taken at once, and this tells how far they are apart: a
/// row that was written in that time may be in one database's dump and missing in another's that refers to it.
public struct SnapshotInstant: Sendable, Hashable, Codable {
    /// The databases' snapshots.
    package var moments: [Moment]
    /// From before the first was taken until after the last, in milliseconds, by the clock of whoever took them.
    public var distanceMilliseconds: Double

    /// One database's snapshot.
    package struct Moment: Sendable, Hashable, Codable {
        /// Which database.
        package var database: Database
        /// When it was taken, by the server's clock.
        package var time: Date
        /// Where the server's write-ahead log was, such as `0/16B3748`; nil: it does not tell.
        package var position: String?
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

    /// The sentence, with its values.
    var notice: MigrationNotice {
        MigrationNotice(
            .momentOfSnapshot, sentence,
            ["databases": .init(moments.map(\.database.rawValue)), "milliseconds": .number(distanceMilliseconds)])
    }

    /// What is said of dumps that were not taken together.
    static let unknown =
        "The dumps were taken one by one: what was written between two of them can be in one and not in another."

    private static func text(_ milliseconds: Double) -> String {
        milliseconds < 1 ? "1 ms" : "\(Int(milliseconds.rounded(.up))) ms"
    }
}

extension SnapshotInstant.Moment {
    private enum CodingKeys: CodingKey { case database, time, position }

    /// Reads the time as ISO 8601, by whatever decoder.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let text = try values.decode(String.self, forKey: .time)
        guard let time = TimeText.time(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: .time, in: values, debugDescription: "`\(text)` is not a time.")
        }
        self.init(
            database: try values.decode(Database.self, forKey: .database), time: time,
            position: try values.decodeIfPresent(String.self, forKey: .position))
    }

    /// Writes the time as ISO 8601, to the millisecond.
    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(database, forKey: .database)
        try values.encode(TimeText.exact(time), forKey: .time)
        try values.encodeIfPresent(position, forKey: .position)
    }
}
