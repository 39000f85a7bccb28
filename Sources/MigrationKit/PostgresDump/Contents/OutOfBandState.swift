/// A migration of Sourcegraph's data that was not finished when a database was dumped: a row of
/// `out_of_band_migrations`.
package struct OutOfBandState: Sendable, Hashable, Codable {
    /// Its number, the same in every release.
    package var id: Int
    /// What it is about, in Sourcegraph's words.
    package var component: String
    /// How much is done, from 0 to 1.
    package var progress: Double
    /// Whether it is being undone.
    package var appliesReverse: Bool
    /// The minor release that began it: `3.25`.
    package var introduced: String?
    /// The minor release from which on it has to be finished: `4.0`.
    package var deprecated: String?

    /// Reads a row, of either shape: releases are text up to 3.28 and two numbers after that.
    ///
    /// - Returns: Nil if it is none, or one that is finished.
    init?(row: [String: String]) {
        guard let id = row["id"].flatMap({ Int($0) }), let told = row["progress"].flatMap({ Double($0) }) else {
            return nil
        }
        self.id = id
        component = row["component"] ?? ""
        progress = told.isFinite ? min(max(told, 0), 1) : 0
        appliesReverse = row["apply_reverse"] == "t"
        func release(_ name: String) -> String? {
            guard let major = row["\(name)_version_major"], let minor = row["\(name)_version_minor"] else {
                return row[name]
            }
            return "\(major).\(minor)"
        }
        (introduced, deprecated) = (release("introduced"), release("deprecated"))
        guard progress < 1 || appliesReverse else { return nil }
    }
}
