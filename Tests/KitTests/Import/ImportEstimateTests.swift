import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Estimates are in proportion to bytes and sessions, and promise nothing that was not measured.
@Suite struct ImportEstimateTests {
    private func dump(_ sizes: [(DumpPart.Kind, Int64)]) -> SnapshotManifest.DatabaseEntry {
        let parts = sizes.enumerated().map { number, part in
            var object = StoredObject(name: "primary.\(number).sql", StreamChecksum())
            object.size = part.1
            return DumpPart(kind: part.0, object: object, prologue: 0, epilogue: 0)
        }
        return .init(database: .primary, profile: .cloudSQL, parts: parts, contents: DumpContents())
    }

    private func estimate(
        sessions: Int, indexes: Double? = 30, proof: Double? = 8
    ) throws -> ImportEstimate {
        let rates = ImportRates(
            host: "here", sessions: 4,
            databases: [.init(.primary, size: 1000, rows: 20, indexes: indexes, proof: proof, analysis: 2)])
        return ImportEstimate(
            rates: rates, importer: PostgresImporter(uri: try PostgresURI("postgres://a@h/postgres"), jobs: sessions))
    }

    private let parts: [(DumpPart.Kind, Int64)] = [(.schema, 100), (.data, 1800), (.indexes, 100)]

    private func loads(_ dump: SnapshotManifest.DatabaseEntry) -> [DumpLoad] {
        DumpLoad.all(of: [dump], byPart: true, areRewritten: true)
    }

    @Test(arguments: [(4, 1.0), (8, 1.0), (2, 2.0), (1, 4.0)])
    func fewerSessionsTakeLongerAndMorePromiseNothing(sessions: Int, slowness: Double) throws {
        let dump = dump(parts)
        let estimate = try estimate(sessions: sessions)
        let seconds = loads(dump).map { estimate.seconds(for: $0) }
        #expect(seconds == [2 * slowness, 36 * slowness, 60 * slowness])
        #expect(estimate.secondsForProof(of: dump) == 16 * slowness)
        #expect(estimate.secondsForAnalysis(of: dump) == 4)
    }

    @Test func dumpThatWasNotSplitTellsNothingOfIndexesAlone() throws {
        let dump = dump(parts)
        let unsplit = try estimate(sessions: 1, indexes: nil)
        let seconds = loads(dump).map { unsplit.seconds(for: $0) }
        #expect(seconds == [2, 36, nil])
        let whole = self.dump([(.whole, 2000)])
        #expect(try estimate(sessions: 4).seconds(for: loads(whole)[0]) == 100)
    }

    @Test func whatWasNotMeasuredIsNotTold() throws {
        var dump = dump(parts)
        #expect(try estimate(sessions: 4, proof: nil).secondsForProof(of: dump) == nil)
        dump.database = .codeintel
        #expect(try estimate(sessions: 4).seconds(for: loads(dump)[1]) == nil)
        #expect(try estimate(sessions: 4).stages(of: dump, loads(dump)) == nil)
    }
}
