import NIOCore
import TestSupport
import Testing

@testable import MigrationKit

/// Where ranges of blocks cannot be read, a table is cut by a key: each row is in one chunk.
@Suite struct KeyedChunksTests {
    /// The keys of some rows, in their order.
    private static func keys(_ count: Int, _ random: inout SeededRandom) -> [TableKey] {
        var keys: Set<TableKey> = [TableKey([.min, .max])]
        while keys.count < count {
            keys.insert(
                TableKey([Int64.random(in: -3...3, using: &random), Int64.random(in: -500...500, using: &random)]))
        }
        return keys.sorted()
    }

    /// What a server answers.
    private static func end(of chunk: TableChunk, _ keys: [TableKey]) throws -> TableKey? {
        guard case .keys(let start, nil) = chunk.stretch else { return nil }
        return keys.filter { key in start.map { key >= $0 } ?? true }.dropFirst(try #require(chunk.rows)).first
    }

    private static func isIn(_ chunk: TableChunk, _ key: TableKey) -> Bool {
        guard case .keys(let start, let end) = chunk.stretch else { return false }
        return (start.map { key >= $0 } ?? true) && (end.map { key < $0 } ?? true)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func eachRowIsInOneChunk(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let all = (0..<3).map { _ in Self.keys(Int.random(in: 1...300, using: &random), &random) }
        let tables = all.enumerated().map { number, keys in
            // What the server tells of rows may be wrong.
            SourceTable.sample(
                "t\(number)", blocks: 1000, rows: Int64.random(in: 1...1000, using: &random), key: ["a", "b"])
        }
        var plan = ChunkPlan(tables)
        var chunks: [TableChunk] = []
        while let open = plan.next() {
            #expect(plan.next() == open)
            let table = try #require(tables.firstIndex(of: open.table))
            let chunk = try plan.close(open, at: try Self.end(of: open, all[table]))
            plan.note(Int.random(in: 0...1 << 20, using: &random) * (chunk.rows ?? 0), of: chunk)
            chunks.append(chunk)
        }
        #expect(plan.hasEnded)
        #expect(chunks.map(\.number) == Array(0..<chunks.count))
        for (table, keys) in zip(tables, all) {
            let own = chunks.filter { $0.table == table }
            #expect(own.first?.isFirst == true && own.last?.isLast == true)
            #expect(own.dropFirst().allSatisfy { !$0.isFirst } && own.dropLast().allSatisfy { !$0.isLast })
            for key in keys { #expect(own.filter { Self.isIn($0, key) }.count == 1) }
            for chunk in own {
                let count = keys.filter { Self.isIn(chunk, $0) }.count
                #expect(chunk.isLast ? count <= chunk.rows ?? 0 : count == chunk.rows)
            }
        }
    }

    /// 100 bytes a row are stored, and 10,000 are read.
    @Test func chunksOfRowsThatAreLongerThanStoredGetShorter() throws {
        var plan = ChunkPlan([.sample("dense", blocks: 12_500, rows: 1_024_000, key: ["id"])])
        let next = plan.next()
        let open = try #require(next)
        let first = try plan.close(open, at: TableKey([15_729]))
        #expect(first.rows == 15_728)
        plan.note(15_728 * 10_000, of: first)
        #expect(plan.next()?.rows == 629)
    }

    @Test func keyThatIsNotBehindTheOneBeforeIsRefused() throws {
        var plan = ChunkPlan([.sample("broken", blocks: 10_000, rows: 100_000, key: ["id"])])
        let first = plan.next()
        _ = try plan.close(try #require(first), at: TableKey([7]))
        let second = plan.next()
        let next = try #require(second)
        #expect(throws: MigrationError.self) { try plan.close(next, at: TableKey([7])) }
    }

    @Test func sourceComparesTheWholeKey() throws {
        var plan = ChunkPlan([.sample("t", blocks: 200, rows: 10, key: ["a", "b"])])
        let next = plan.next()
        let open = try #require(next)
        #expect(open.source == #"FROM ONLY "public"."t""#)
        #expect(
            open.endQuery == #"SELECT "a", "b" FROM ONLY "public"."t" ORDER BY "a", "b" OFFSET 9 LIMIT 1;"#)
        let first = try plan.close(open, at: TableKey("-1|7", count: 2))
        #expect(first.source == #"FROM ONLY "public"."t" WHERE ("a", "b") < (-1, 7)"#)
        #expect(plan.next()?.source == #"FROM ONLY "public"."t" WHERE ("a", "b") >= (-1, 7)"#)
    }

    @Test(arguments: ["", "1", "1|2|3", "1|", "1|x", "1|2 ", "99999999999999999999|1"])
    func lineThatIsNoKeyIsNone(line: String) { #expect(TableKey(line, count: 2) == nil) }

    /// The rows that came are counted against those of the table.
    @Test(arguments: [3, 4])
    func indexThatDoesNotLeadToAllRowsIsToldSo(tableRows: Int) async throws {
        let rows = ChunkedRows(
            ChunkPlan([.sample("t", blocks: 10_000, rows: 100_000, key: ["id"])]), window: 4)
        let first = try #require(try await rows.next { _ in TableKey([7]) })
        let last = try #require(try await rows.next { _ in nil })
        await rows.give(ByteBuffer(string: "8\n"), of: last, tableRows: tableRows)
        await rows.give(ByteBuffer(string: "1\n2\n"), of: first)
        #expect(try await rows.take() != nil)
        guard tableRows != 3 else {
            #expect(try await rows.take() != nil)
            #expect(try await rows.take() == nil)
            return
        }
        let error = await #expect(throws: MigrationError.self) { try await rows.take() }
        #expect(error?.message == "t has 4 rows, and its index leads to 3: the index is damaged.")
    }

    private struct Cut: Error {}

    /// Nobody knows where a chunk begins before it is known where the one before it ends.
    @Test func chunkWhoseEndIsNotToldIsTheNextOneStill() async throws {
        let rows = ChunkedRows(
            ChunkPlan([.sample("t", blocks: 10_000, rows: 100_000, key: ["id"])]), window: 4)
        let asked = Watched(0)
        await #expect(throws: Cut.self) { try await rows.next { _ in throw Cut() } }
        try await within("two chunks") {
            async let first = rows.next { _ in
                asked.change { $0 += 1 }
                for _ in 0..<20 { await Task.yield() }
                #expect(asked.change { $0 } == 1)
                return TableKey([100])
            }
            _ = await asked.wait { $0 == 1 }
            let second = try await rows.next { _ in
                asked.change { $0 += 1 }
                return TableKey([200])
            }
            let one = try await first
            #expect(one?.stretch == .keys(nil, TableKey([100])))
            #expect(second?.stretch == .keys(TableKey([100]), TableKey([200])))
        }
    }
}
