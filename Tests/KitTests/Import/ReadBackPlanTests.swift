import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitPostgresDump

/// However tables are shared out, each of their blocks is read by one session.
@Suite struct ReadBackPlanTests {
    private static func table(_ number: Int, bytes: Int64, blocks: Int64?) -> ReadBackPlan.Sized {
        let contents = TableContents(
            table: TableName(schema: "public", name: "t\(number)"), columns: ["a"], rows: 0, digest: "")
        return .init(table: .init(contents: contents, floats: nil), bytes: bytes, blocks: blocks)
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func everyBlockIsReadOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let sessions = Int.random(in: 1...6, using: &random)
        let tables = (0..<Int.random(in: 0...8, using: &random)).map { number in
            let blocks = Int64.random(in: 0...20_000, using: &random)
            return Self.table(number, bytes: blocks * 8192, blocks: Bool.random(using: &random) ? blocks : nil)
        }
        let shares = ReadBackPlan(tables, sessions: sessions).shares
        #expect((1...sessions).contains(shares.count))
        for sized in tables {
            let stretches = shares.joined().filter { $0.contents.table == sized.table.contents.table }
            guard stretches.count > 1 else {
                #expect(stretches.count == 1 && stretches[0].blocks == nil)
                continue
            }
            let sorted = stretches.compactMap(\.blocks).sorted { $0.start < $1.start }
            #expect(sorted.count == stretches.count)
            #expect(sorted.first?.start == 0 && sorted.last?.end == nil)
            for (one, next) in zip(sorted, sorted.dropFirst()) { #expect(one.end == next.start) }
        }
    }

    @Test func smallDatabaseIsReadByOneSession() {
        let tables = (0..<20).map { Self.table($0, bytes: 100_000, blocks: 13) }
        #expect(ReadBackPlan(tables, sessions: 4).shares.map(\.count) == [20])
        #expect(ReadBackPlan([], sessions: 4).shares.count == 1)
    }

    @Test func largeTableIsReadByAll() {
        let shares = ReadBackPlan([Self.table(1, bytes: 400 << 20, blocks: 51_200)], sessions: 4).shares
        #expect(shares.map(\.count) == [1, 1, 1, 1])
        // Servers that would read all of it for each stretch are spared that.
        #expect(ReadBackPlan([Self.table(1, bytes: 400 << 20, blocks: nil)], sessions: 4).shares.joined().count == 1)
    }
}
