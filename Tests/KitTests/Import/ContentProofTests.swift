import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

@Suite struct ContentProofTests {
    private let users = TableContents(
        table: TableName(schema: "public", name: "users"), columns: ["id"], rows: 2, digest: "aa")
    private let ids = SequenceState(
        sequence: TableName(schema: "public", name: "users_id_seq"), lastValue: 2, isCalled: true)

    private func proof(
        _ tables: [TableContents], sequences: [SequenceState]? = nil, unexpected: [TableName] = [],
        countsOnly: Bool = false
    ) -> ContentProof {
        var dumped = DumpContents()
        dumped.tables = [users]
        dumped.sequences = [ids]
        let imported = DestinationContents(
            tables: tables, sequences: sequences ?? [ids], unexpectedTables: unexpected, invalidIndexes: [],
            extensions: [])
        return ContentProof(database: .primary, dumped: dumped, imported: imported, countsOnly: countsOnly)
    }

    @Test func equalContentHasNoDifference() {
        #expect(proof([users]).differences.isEmpty)
    }

    @Test func otherRowsAreADifference() {
        var other = users
        other.digest = "ab"
        #expect(proof([other]).differences == ["users has the dumped number of rows, 2, but different content."])
    }

    @Test func otherDigestIsNotLookedAtWhereOnlyRowsCount() {
        var other = users
        other.digest = "ab"
        #expect(proof([other], countsOnly: true).differences.isEmpty)
    }

    @Test func missingRowIsADifferenceInAnyCase() {
        var other = users
        other.rows = 1
        #expect(proof([other], countsOnly: true).differences == ["users has 1 rows; 2 were dumped."])
    }

    @Test func missingTableIsADifference() {
        #expect(proof([]).differences == ["users is missing or has different columns."])
    }

    @Test func tableThatNobodyDumpedIsADifference() {
        let extra = TableName(schema: "audit", name: "extra")
        #expect(
            proof([users], unexpected: [extra]).differences == ["audit.extra is on the server, but not in the dump."])
    }

    @Test func sequenceElsewhereIsADifference() {
        var other = ids
        other.lastValue = 3
        #expect(
            proof([users], sequences: [other]).differences == ["The sequence users_id_seq is at 3; 2 was dumped."])
        #expect(proof([users], sequences: []).differences == ["The sequence users_id_seq is missing; 2 was dumped."])
    }
}
