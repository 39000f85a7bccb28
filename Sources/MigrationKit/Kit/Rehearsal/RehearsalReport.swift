/// What the rehearsal of an import came to.
public struct RehearsalReport: Sendable, Encodable {
    /// What was looked at, bucket first, then each database.
    public var findings: [Finding] = []
    /// What the scratch server held, of each database that it took.
    public var proofs: [ContentProof] = []
    /// How long each of them took.
    public var databases: [Rehearsed] = []
    /// Major version of the scratch server; nil: none was started.
    public var postgresMajor: Int?

    /// A database that was loaded, and proven.
    public struct Rehearsed: Sendable, Encodable {
        /// Which.
        public var database: Database
        /// Bytes of its objects.
        public var size: Int64
        /// How long the load took.
        public var loading: Duration
        /// How long what is built on the rows took, of that; nil: the dump is not split.
        package var indexing: Duration?
        /// How long reading everything back took.
        package var proving: Duration
        /// How long `ANALYZE` took.
        package var analyzing: Duration
        /// How many sessions worked at the same time.
        package var sessions: Int
        /// How long all of it took: reading, loading, proving, `ANALYZE`.
        public var duration: Duration

        /// Bytes that were loaded in a second.
        public var rate: Int64 {
            let seconds = loading / .seconds(1)
            return seconds > 0 ? Int64(min(Double(size) / seconds, 9e18)) : 0
        }

        enum CodingKeys: String, CodingKey {
            case database, size, loadSeconds, indexSeconds, proofSeconds, analyzeSeconds, seconds, rate, sessions
        }

        /// Writes `database`, `size`, `loadSeconds`, `indexSeconds`, `proofSeconds`, `analyzeSeconds`, `seconds`, `rate`
        /// and `sessions`.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(database, forKey: .database)
            try values.encode(size, forKey: .size)
            try values.encode(loading / .seconds(1), forKey: .loadSeconds)
            try values.encodeIfPresent(indexing.map { $0 / .seconds(1) }, forKey: .indexSeconds)
            try values.encode(proving / .seconds(1), forKey: .proofSeconds)
            try values.encode(analyzing / .seconds(1), forKey: .analyzeSeconds)
            try values.encode(sessions, forKey: .sessions)
            try values.encode(duration / .seconds(1), forKey: .seconds)
            try values.encode(rate, forKey: .rate)
        }
    }

    /// Whether all would work: nothing has failed.
    public var isPassed: Bool { !findings.contains { $0.verdict == .fail } }

    /// How long all databases took, one after the other; the best guess there is for the import itself.
    public var duration: Duration { databases.reduce(.zero) { $0 + $1.duration } }

    /// What an import of the same databases may take; nil where none was loaded.
    package var rates: ImportRates? {
        guard let sessions = databases.first?.sessions else { return nil }
        let compared = Set(proofs.filter { !$0.countsOnly }.map(\.database))
        return ImportRates(
            host: JournalWriter.current().host, sessions: sessions,
            databases: databases.map { one in
                .init(
                    one.database, size: one.size, rows: (one.loading - (one.indexing ?? .zero)) / .seconds(1),
                    indexes: one.indexing.map { $0 / .seconds(1) },
                    proof: compared.contains(one.database) ? one.proving / .seconds(1) : nil,
                    analysis: one.analyzing / .seconds(1))
            })
    }

    enum CodingKeys: String, CodingKey { case passed, findings, proofs, databases, postgresMajor, seconds }

    /// Writes `passed`, `findings`, `proofs`, `databases`, `postgresMajor` and `seconds`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(isPassed, forKey: .passed)
        try values.encode(findings, forKey: .findings)
        try values.encode(proofs, forKey: .proofs)
        try values.encode(databases, forKey: .databases)
        try values.encodeIfPresent(postgresMajor, forKey: .postgresMajor)
        try values.encode(duration / .seconds(1), forKey: .seconds)
    }
}
