import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// However a dump is split, its parts hold it, byte for byte, and how it arrives does not show.
@Suite struct DumpSplitterPropertyTests {
    private static let sizes: [Int64] = [1, 10, 300, 500, 1000, .max]

    /// Nil for what is refused: fuzz holds commands of psql that no part may hold.
    private func split(_ dump: [UInt8], _ size: Int64, _ chunking: Chunking = .whole) throws -> SplitDump? {
        do { return try SplitDump(dump, size: size, chunking) } catch is MigrationError { return nil }
    }

    private func holds(_ dump: [UInt8], _ seed: UInt64) throws -> Bool {
        var isTaken = false
        for (index, size) in Self.sizes.enumerated() {
            let whole = try split(dump, size)
            // In turn: each size with either, by some hundreds of seeds.
            let chunking = (UInt64(index) + seed).isMultiple(of: 2) ? Chunking.every(1) : .random(seed: seed)
            try #require(try split(dump, size, chunking) == whole, "\(seed), \(size): \(SQLBytes(dump))")
            guard let whole else { continue }
            isTaken = true
            try #require(whole.joined == dump, "\(seed), \(size): \(SQLBytes(dump))")
            var start: Int64 = 0
            for one in whole.parts {
                try #require(one.part.start == start)
                start += one.part.length
                let added = one.part.prologue.readableBytes + one.part.epilogue.readableBytes
                try #require(Int64(one.text.count) == one.part.length + Int64(added))
            }
            let data = whole.kinds.count { $0 == .data }
            let kinds: [DumpPart.Kind] = [.schema, .extensions] + Array(repeating: .data, count: data) + [.indexes]
            try #require(data > 0 && whole.kinds == kinds)
        }
        return isTaken
    }

    @Test(arguments: 0..<40)
    func fuzzIsJoinedAgain(batch: UInt64) throws {
        var taken = 0
        for seed in batch * 25..<batch * 25 + 25 { taken += try holds(SQLFuzz.dump(seed: seed), seed) ? 1 : 0 }
        #expect(taken > 0)
    }

    @Test(arguments: SQLDumps.fixtureVersions)
    func dumpsOfAllVersionsAreJoinedAgain(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        for profile in RewriteProfile.allCases {
            let rewritten = profile == .none ? dump : Rewritten(dump, profile).output
            for size: Int64 in [1, 4000, 100_000] {
                let whole = try SplitDump(rewritten, size: size)
                #expect(whole.joined == rewritten)
                #expect(try SplitDump(rewritten, size: size, .random(seed: 3)) == whole)
            }
        }
    }

    /// Each part is what a reader of dumps takes for a whole one, but for the statements that only a part has.
    @Test(arguments: SQLDumps.fixtureVersions)
    func eachPartHasTheFormOfADump(version: Int) throws {
        let dump = try SQLDumps.fixture(version)
        for profile in RewriteProfile.allCases {
            let rewritten = profile == .none ? dump : Rewritten(dump, profile).output
            var rows = 0
            for one in try SplitDump(rewritten, size: 2000).parts {
                var pass = DumpPass(profile: .none)
                var output = ByteBuffer()
                try pass.transform(.init(bytes: one.text), into: &output)
                let report = try pass.finish(into: &output)
                rows += report.contents.rows
                let statements = Set(report.refusals.map { String($0.statement.prefix { $0.isLetter }) })
                let own: Set = ["BEGIN", "COMMIT", "INSERT", "DO"]
                #expect(statements.isSubset(of: own.union(Set(refused(dump)))), "\(one.part.name)")
                if one.part.kind != .schema || version > 11 { #expect(report.contents.pgDumpVersion != nil) }
            }
            var pass = DumpPass(profile: .none)
            var output = ByteBuffer()
            try pass.transform(.init(bytes: rewritten), into: &output)
            #expect(try pass.finish(into: &output).contents.rows == rows)
        }
    }

    private func refused(_ dump: [UInt8]) -> [String] {
        Rewritten(dump).refusals.map { String($0.statement.prefix { $0.isLetter }) }
    }
}
