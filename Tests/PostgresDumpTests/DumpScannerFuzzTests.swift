import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// The scanner against a slow and plain one, over text that looks like dumps and like dumps gone wrong.
@Suite struct DumpScannerFuzzTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func scannerFindsWhatTheReferenceFinds(block: UInt64) {
        for seed in block * 200..<(block + 1) * 200 {
            let dump = SQLFuzz.dump(seed: seed)
            let expected = ReferenceScan.events(of: dump)
            for chunking in [Chunking.whole, .every(1), .random(seed: seed)] {
                let found = Scan(dump, chunking)
                guard found.events != expected || found.offset != dump.count else { continue }
                Issue.record(
                    """
                    seed \(seed), \(chunking): \(SQLBytes(dump))
                    found    \(found.events)
                    expected \(expected)
                    """
                )
                return
            }
        }
    }

    @Test func fuzzReachesEveryKindOfEvent() {
        var statements = 0
        var rows = 0
        var metaCommands = 0
        var inStatement = 0
        var torn = 0
        for seed in 0..<1000 as Range<UInt64> {
            let scan = Scan(SQLFuzz.dump(seed: seed))
            statements += scan.statements.count
            rows += scan.rows.count
            metaCommands += scan.metaCommands.count
            inStatement += scan.events.count { if case .meta(_, _, inStatement: true) = $0 { true } else { false } }
            torn += scan.isBetweenStatements ? 0 : 1
        }
        #expect(statements > 2000)
        #expect(rows > 500)
        #expect(metaCommands > 200)
        #expect(inStatement > 50)
        #expect(torn > 100 && torn < 700)
    }
}
