import NIOCore
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitPostgresDump

/// What is built side by side never waits for each other's locks.
@Suite struct PieceScheduleTests {
    private static func table(_ number: Int) -> TableName { TableName(schema: "public", name: "t\(number)") }

    /// Some keys, indexes and foreign keys of a few tables.
    private static func pieces(_ random: inout SeededRandom) -> [PostData.Piece] {
        var text = ""
        for number in 0..<Int.random(in: 1...40, using: &random) {
            let (one, other) = (Int.random(in: 0..<5, using: &random), Int.random(in: 0..<5, using: &random))
            switch Int.random(in: 0..<3, using: &random) {
            case 0: text += "CREATE INDEX i\(number) ON public.t\(one) USING btree (a);\n"
            case 1: text += "ALTER TABLE ONLY public.t\(one) ADD CONSTRAINT k\(number) PRIMARY KEY (a);\n"
            default:
                text += "ALTER TABLE ONLY public.t\(one) ADD CONSTRAINT f\(number) FOREIGN KEY (a) "
                text += "REFERENCES public.t\(other)(a);\n"
            }
        }
        return PostData(ByteBuffer(string: text)).pieces
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func noTwoHoldLocksThatExcludeEachOther(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = Self.pieces(&random)
        let sizes = (0..<5).map { (Self.table($0), Int64.random(in: 0...20, using: &random) << 20) }
        var schedule = PieceSchedule(pieces, sizes: Dictionary(uniqueKeysWithValues: sizes))
        var (building, built): ([[PostData.Piece]], [Int]) = ([], [])
        while built.count < pieces.count {
            let next = building.count < 4 ? schedule.next() : []
            if !next.isEmpty {
                for piece in next {
                    for other in building.joined() where piece.locksAlone || other.locksAlone {
                        #expect(piece.tables.isDisjoint(with: other.tables))
                    }
                }
                building.append(next)
                continue
            }
            guard let index = building.indices.randomElement(using: &random) else { break }
            let done = building.remove(at: index)
            schedule.finish(done)
            built += done.map(\.number)
        }
        #expect(built.sorted() == pieces.map(\.number))
        #expect(schedule.next().isEmpty)
    }

    @Test func largestTableComesFirstAndItsIndexesBesideEachOther() {
        let text = """
            CREATE INDEX a ON public.t0 USING btree (a); CREATE INDEX b ON public.t1 USING btree (a);
            ALTER TABLE ONLY public.t1 ADD CONSTRAINT k PRIMARY KEY (a); CREATE INDEX c ON public.t1 USING btree (b);
            """
        var schedule = PieceSchedule(
            PostData(ByteBuffer(string: text)).pieces, sizes: [Self.table(0): 10 << 20, Self.table(1): 20 << 20])
        #expect(schedule.next().map(\.number) == [2])
        #expect(schedule.next().map(\.number) == [4])
        #expect(schedule.next().map(\.number) == [1])
        // The key has to wait for both indexes of its table.
        #expect(schedule.next().isEmpty)
    }

    @Test func piecesOfSmallTablesShareATransaction() {
        let text = (0..<100).map { "CREATE INDEX i\($0) ON public.t\($0) USING btree (a);\n" }.joined()
        let sizes = [Self.table(50): Int64(100 << 20), Self.table(70): Int64(3 << 20)]
        var schedule = PieceSchedule(PostData(ByteBuffer(string: text)).pieces, sizes: sizes)
        #expect(schedule.next().map(\.number) == [51])
        let shared = schedule.next().map(\.number)
        #expect(shared.count == 64 && shared == shared.sorted() && shared.contains(71))
        #expect(schedule.next().count == 35)
        #expect(schedule.next().isEmpty)
    }
}
