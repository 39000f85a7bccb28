import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// Bytes that no rule claims come out as they went in, for any dump and any chunks.
@Suite struct DumpRewriterPropertyTests {
    private static let blocks = 0..<20 as Range<UInt64>

    private static func seeds(_ block: UInt64) -> Range<UInt64> { block * 100..<(block + 1) * 100 }

    /// For any chunks, of which the next test shows that they make no difference.
    @Test(arguments: blocks)
    func outputWithoutItsRewritesIsTheInput(block: UInt64) {
        for seed in Self.seeds(block) {
            let (dump, rewritten) = (SQLFuzz.dump(seed: seed), SQLFuzz.rewritten(seed: seed))
            guard rewritten.undone != dump else { continue }
            Issue.record("seed \(seed): \(SQLBytes(dump)) became \(rewritten)")
            return
        }
    }

    @Test(arguments: blocks)
    func chunksMakeNoDifference(block: UInt64) {
        for seed in Self.seeds(block) {
            let dump = SQLFuzz.dump(seed: seed)
            let whole = SQLFuzz.rewritten(seed: seed)
            for chunking in [Chunking.every(1), .every(3), .random(seed: seed)] {
                let cut = Rewritten(dump, .cloudSQL, chunking)
                let isSame =
                    cut.output == whole.output && cut.contents == whole.contents && cut.refusals == whole.refusals
                guard !isSame else { continue }
                Issue.record("seed \(seed), \(chunking): \(SQLBytes(dump))\n\(cut)\n\(whole)")
                return
            }
        }
    }

    /// A statement that goes out leaves nothing that is live, and takes nothing with it.
    @Test(arguments: blocks)
    func whatStaysIsWhatNoRuleTookOut(block: UInt64) {
        for seed in Self.seeds(block) {
            let dump = SQLFuzz.dump(seed: seed)
            let rewritten = SQLFuzz.rewritten(seed: seed)
            let again = Rewritten(rewritten.output)
            let goneOffsets = Set(rewritten.rewrites.map(\.position.offset))
            let stayed = Self.live(dump).filter { !goneOffsets.contains($0.offset) }.map(\.bytes)
            let isSame =
                again.rewrites.isEmpty && again.output == rewritten.output
                && again.contents.tables == rewritten.contents.tables
                && again.refusals.allSatisfy { refusal in rewritten.refusals.contains { $0.reason == refusal.reason } }
                && Self.live(rewritten.output).map(\.bytes) == stayed
            guard !isSame else { continue }
            Issue.record("seed \(seed): \(SQLBytes(dump)) became \(rewritten) then \(again)")
            return
        }
    }

    @Test(arguments: blocks)
    func linesKeepTheirNumbersButForAddedLineEnds(block: UInt64) {
        for seed in Self.seeds(block) {
            let dump = SQLFuzz.dump(seed: seed)
            let rewritten = SQLFuzz.rewritten(seed: seed)
            let added = rewritten.rewrites.count { $0.addsLineEnd }
            #expect(Self.lineFeeds(rewritten.output) == Self.lineFeeds(dump) + added, "seed \(seed)")
        }
    }

    @Test(arguments: blocks)
    func profileNoneIsTheIdentity(block: UInt64) {
        for seed in Self.seeds(block) {
            let dump = SQLFuzz.dump(seed: seed)
            var pass = DumpPass(profile: .none)
            var output = ByteBuffer()
            Chunking.random(seed: seed).forEachChunk(of: dump) {
                // Of rows with wrong columns it says so, and goes on.
                try? pass.transform(ByteBuffer(bytes: $0), into: &output)
            }
            _ = try? pass.finish(into: &output)
            #expect(Array(output.readableBytesView) == dump, "seed \(seed)")
        }
    }

    @Test func fuzzReachesEveryKindOfRewrite() {
        var rules = Set<Rewrite.Rule>()
        var added = 0
        for seed in 0..<2000 as Range<UInt64> {
            let rewrites = SQLFuzz.rewritten(seed: seed).rewrites
            rules.formUnion(rewrites.map(\.rule))
            added += rewrites.count { $0.addsLineEnd }
        }
        #expect(rules == Set(Rewrite.Rule.allCases))
        #expect(added > 50)
    }

    /// What psql would run, and where it stands.
    private static func live(_ dump: [UInt8]) -> [(offset: Int64, bytes: SQLBytes)] {
        Scan(dump).events.compactMap {
            switch $0 {
            case .statement(let bytes, let position), .meta(let bytes, let position, _), .long(let bytes, let position):
                (position.offset, bytes)
            default: nil
            }
        }
    }

    private static func lineFeeds(_ bytes: [UInt8]) -> Int { bytes.count { $0 == 0x0A } }
}
