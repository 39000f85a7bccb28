import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// What a table's digest notices, and what it does not.
@Suite struct ContentDigestTests {
    private static let rows = (0..<50).map { "\($0)\trow \($0 * 7919)\t\\N" }

    private func digest(_ rows: [String]) -> ContentDigest {
        var digest = ContentDigest()
        for row in rows { Array(row.utf8).withUnsafeBytes { digest.add(row: $0) } }
        return digest
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func orderOfRowsDoesNotMatter(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        #expect(digest(Self.rows.shuffled(using: &random)) == digest(Self.rows))
    }

    @Test func missingRowMatters() {
        for index in Self.rows.indices {
            var rows = Self.rows
            rows.remove(at: index)
            #expect(digest(rows).sum != digest(Self.rows).sum)
        }
    }

    @Test func doubledRowMatters() {
        for row in Self.rows { #expect(digest(Self.rows + [row]).sum != digest(Self.rows).sum) }
    }

    @Test func alteredRowMatters() {
        for index in Self.rows.indices {
            var rows = Self.rows
            rows[index] += " "
            #expect(digest(rows).sum != digest(Self.rows).sum)
        }
    }

    @Test func oneRowLostAndAnotherDoubledMatters() {
        #expect(digest(Self.rows.dropFirst() + [Self.rows[1]]) != digest(Self.rows))
    }

    @Test func valuesThatChangePlacesMatter() {
        #expect(digest(["1\ta", "2\tb"]) != digest(["1\tb", "2\ta"]))
    }

    /// The hash of an empty row is zero; the count is what tells.
    @Test func emptyRowsAreCounted() {
        #expect(digest(["", ""]) != digest([""]))
        #expect(digest([""]) != ContentDigest())
        #expect(digest(["", ""]).rows == 2)
    }

    @Test func fragmentsEqualTheWholeRow() {
        var fragments = ContentDigest()
        for (index, row) in Self.rows.enumerated() {
            Chunking.every(index % 9 + 1).forEachChunk(of: Array(row.utf8)) { fragments.add(fragment: $0) }
            fragments.endRow()
        }
        #expect(fragments == digest(Self.rows))
    }

    @Test func abandonedFragmentsLeaveNothing() {
        var fragments = ContentDigest()
        Chunking.whole.forEachChunk(of: Array("\\.".utf8)) { fragments.add(fragment: $0) }
        fragments.abandonRow()
        Chunking.whole.forEachChunk(of: Array("a".utf8)) { fragments.add(fragment: $0) }
        fragments.endRow()
        #expect(fragments == digest(["a"]))
    }

    @Test func sumIsModulo128Bits() throws {
        let sum = try #require(UInt128("e34bbc7bbc071b6c7a433ca9c49a9347", radix: 16))
        let row = "The quick brown fox jumps over the lazy dog"
        #expect(digest([row]).sum == sum)
        #expect(digest([row, row]).sum == sum &+ sum)
        #expect(digest([row, row]).hexSum == "c69778f7780e36d8f48679538935268e")
    }

    @Test func hexSumHas32Digits() {
        #expect(ContentDigest().hexSum == "00000000000000000000000000000000")
        #expect(Self.rows.allSatisfy { digest([$0]).hexSum.count == 32 })
    }

    @Test func equalDigestsHashEqually() {
        #expect(Set([digest(Self.rows), digest(Self.rows.reversed()), digest([])]).count == 2)
    }
}
