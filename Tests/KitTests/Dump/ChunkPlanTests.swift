import TestSupport
import Testing

@testable import MigrationKit

/// However a table is cut, its chunks hold each of its blocks once.
@Suite struct ChunkPlanTests {
    /// All chunks of tables whose blocks give so much text, as lanes that read `lanes` at once would have them.
    private func chunks(
        of tables: [SourceTable], textPerBlock: (Int64) -> Int, lanes: Int = 1,
        _ random: inout SeededRandom
    ) -> [TableChunk] {
        var plan = ChunkPlan(tables)
        var (all, unread): ([TableChunk], [TableChunk]) = ([], [])
        while let chunk = plan.next() {
            all.append(chunk)
            unread.append(chunk)
            guard unread.count == lanes else { continue }
            let read = unread.remove(at: Int.random(in: 0..<lanes, using: &random))
            let end = min(read.end ?? read.table.blocks, read.start + 10_000)
            let text = (read.start..<max(end, read.start)).reduce(0) { $0 + textPerBlock($1) }
            plan.note(text, of: read)
        }
        #expect(plan.hasEnded)
        return all
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func chunksOfATableAreDisjointAndCoverIt(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let tables = (0..<Int.random(in: 1...5, using: &random)).map { number in
            let blocks = Int64.random(in: 0...3000, using: &random)
            let apart = Bool.random(using: &random) ? Int64.random(in: 0...1 << 30, using: &random) : 0
            return SourceTable.sample("t\(number)", blocks: blocks, bytes: max(1 << 20, blocks * 8192 + apart))
        }
        let most = [0, 100, 8192, 1 << 20].randomElement(using: &random) ?? 0
        var others = SeededRandom(seed: seed + 1000)
        let all = chunks(
            of: tables, textPerBlock: { _ in most == 0 ? 0 : Int.random(in: 0...most, using: &others) },
            lanes: Int.random(in: 1...8, using: &random), &random)
        #expect(all.map(\.number) == Array(0..<all.count))
        for table in tables {
            let own = all.filter { $0.table == table }
            #expect(own.first?.start == 0 && own.first?.isFirst == true && own.last?.isLast == true)
            // Each begins where the one before it has ended, and holds at least a block.
            #expect(zip(own, own.dropFirst()).allSatisfy { $0.end == $1.start && $0.start < $1.start })
            #expect(own.allSatisfy { $0.expectedBytes >= 0 })
        }
        #expect(Set(all.map(\.table)) == Set(tables))
        #expect(all.map(\.table.name) == all.map(\.table.name).sorted())
    }

    @Test(arguments: [0, 1] as [Int64])
    func tableOfOneBlockIsOneChunk(blocks: Int64) {
        var plan = ChunkPlan([.sample("one", blocks: blocks, bytes: 1 << 30), .sample("two", blocks: 1)])
        #expect(plan.next()?.isLast == true)
        #expect(!plan.hasEnded)
        #expect(plan.next()?.table.name == "two")
        #expect(plan.next() == nil && plan.hasEnded)
    }

    @Test func noTablesAreNoChunks() {
        var plan = ChunkPlan([])
        #expect(plan.hasEnded)
        #expect(plan.next() == nil)
    }

    /// The server may keep a hundred bytes of text in one.
    @Test func chunksOfCompressedRowsGetShorter() throws {
        var random = SeededRandom(seed: 1)
        let table = SourceTable.sample("dense", blocks: 10_000)
        let all = chunks(of: [table], textPerBlock: { _ in 800_000 }, &random)
        let first = try #require(all.first)
        #expect(first.source.hasSuffix("ctid < '(192,0)'::tid"))
        #expect(all.dropFirst().dropLast().allSatisfy { ($0.end ?? .max) - $0.start <= 10 })
        #expect(all.dropFirst().dropLast().allSatisfy { $0.expectedBytes <= ChunkPlan.chunkSize })
    }

    @Test func emptyStretchesDoNotMakeChunksLonger() {
        var random = SeededRandom(seed: 1)
        let all = chunks(of: [.sample("empty", blocks: 10_000)], textPerBlock: { _ in 0 }, &random)
        #expect(all.allSatisfy { ($0.end ?? 10_000) - $0.start <= 320 })
    }

    /// What one table has taught is not taken for another one's.
    @Test func laterAnswerOfAnEarlierTableTeachesNothing() throws {
        var plan = ChunkPlan([.sample("a", blocks: 200), .sample("b", blocks: 10_000)])
        let last = plan.next()
        #expect(last?.isLast == true)
        plan.note(1 << 30, of: try #require(last))
        #expect(plan.next()?.end == 192)
    }
}

extension SourceTable {
    /// An ordinary table with two columns.
    static func sample(
        _ name: String, blocks: Int64, bytes: Int64? = nil, rows: Int64 = 0, key: [String]? = nil
    ) -> SourceTable {
        SourceTable(
            schema: "public", name: name, isPlain: true, blocks: blocks, bytes: bytes ?? blocks * 8192,
            columns: ["id", "note"], rows: rows, key: key)
    }
}

extension TableChunk {
    /// The block that it begins with.
    var start: Int64 { if case .blocks(let start, _) = stretch { start } else { -1 } }

    /// The block that it ends before.
    var end: Int64? { if case .blocks(_, let end) = stretch { end } else { nil } }
}
