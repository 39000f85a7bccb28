package import MigrationKitFoundation

/// How long the stages of an import took, of each database: what the next one of the same customer may take.
package struct ImportRates: Sendable, Codable {
    /// Version of the format. A reader knows nothing of another.
    package static let currentFormat = 1

    /// Version of the format.
    package var format = currentFormat
    /// When they were measured.
    package var at = Date()
    /// The machine that they were measured on.
    package var host: String
    /// How many sessions worked at the same time.
    package var sessions: Int
    /// The databases.
    package var databases: [OfDatabase]

    /// Names a measurement.
    package init(host: String, sessions: Int, databases: [OfDatabase]) {
        (self.host, self.sessions, self.databases) = (host, sessions, databases)
    }

    /// How long the stages of one database took, from the beginning of a stage's first step to the end of its last.
    package struct OfDatabase: Sendable, Codable {
        /// Which.
        package var database: Database
        /// Bytes of its dump.
        package var size: Int64
        /// Seconds for schema and rows; for all of a dump that is not split.
        package var rows: Double
        /// Seconds for what is built on the rows; nil: the dump was not split.
        package var indexes: Double?
        /// Seconds for the proof; nil where contents were not compared.
        package var proof: Double?
        /// Seconds for `ANALYZE`.
        package var analysis: Double

        /// Names what was measured; see the properties.
        package init(
            _ database: Database, size: Int64, rows: Double, indexes: Double?, proof: Double?, analysis: Double
        ) {
            (self.database, self.size, self.rows, self.indexes) = (database, size, rows, indexes)
            (self.proof, self.analysis) = (proof, analysis)
        }
    }
}
