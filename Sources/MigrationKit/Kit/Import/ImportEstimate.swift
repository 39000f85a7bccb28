/// What an import may take, by what another one took: in proportion to its bytes, and to its sessions where it has fewer.
/// That more sessions are faster is not promised.
struct ImportEstimate: Sendable {
    let rates: ImportRates
    let importer: any DatabaseImporter

    private var sessions: Int { (importer as? any ParallelImporter)?.jobs ?? 1 }

    private var slowness: Double { max(1, Double(rates.sessions) / Double(sessions)) }

    /// What it goes by, in a sentence.
    var basis: String {
        "by the rehearsal of \(TimeText.minutes(rates.at)) on \(rates.host.printable) "
            + "(\(Self.count(rates.sessions)) there, \(Self.count(sessions)) here)"
    }

    private static func count(_ sessions: Int) -> String { sessions == 1 ? "1 session" : "\(sessions) sessions" }

    /// Seconds for a load; nil where that is not known, or is among those of others.
    func seconds(for load: DumpLoad) -> Double? {
        guard let known = of(load.dump) else { return nil }
        let all = Double(load.size) / Double(known.size)
        guard let indexes = known.indexes else { return load.kind == .indexes ? nil : all * known.rows }
        switch load.kind {
        case .whole: return all * (known.rows + indexes) * slowness
        // It is small, and what it builds is as large as the rows are.
        case .indexes: return indexes * Double(load.dump.size) / Double(known.size) * slowness
        case .extensions, .schema, .data: return all * known.rows * slowness
        }
    }

    /// Seconds for a proof; nil where that is not known, or contents are not compared.
    func secondsForProof(of dump: SnapshotManifest.DatabaseEntry) -> Double? {
        guard importer.provesContents, let known = of(dump), let proof = known.proof else { return nil }
        return proof * Double(dump.size) / Double(known.size) * slowness
    }

    /// Seconds for `ANALYZE`; nil where that is not known.
    func secondsForAnalysis(of dump: SnapshotManifest.DatabaseEntry) -> Double? {
        of(dump).map { $0.analysis * Double(dump.size) / Double($0.size) }
    }

    /// What the stages of one database may take.
    func stages(of dump: SnapshotManifest.DatabaseEntry, _ loads: [DumpLoad]) -> StageEstimate? {
        guard of(dump) != nil else { return nil }
        let loads = loads.filter { $0.database == dump.database }
        let indexes = loads.filter { $0.kind == .indexes }.compactMap(seconds)
        return StageEstimate(
            basis: basis, rows: loads.filter { $0.kind != .indexes }.compactMap(seconds).reduce(0, +),
            indexes: indexes.first, proof: secondsForProof(of: dump))
    }

    private func of(_ dump: SnapshotManifest.DatabaseEntry) -> ImportRates.OfDatabase? {
        rates.databases.first { $0.database == dump.database && $0.size > 0 }
    }
}

/// What the stages of a database's import may take: kept before it begins, for the report.
struct StageEstimate: Sendable, Codable {
    /// What it goes by.
    var basis: String
    /// Seconds for schema and rows; for all of a dump that is not split.
    var rows: Double
    /// Seconds for what is built on the rows.
    var indexes: Double?
    /// Seconds for the proof.
    var proof: Double?
}
