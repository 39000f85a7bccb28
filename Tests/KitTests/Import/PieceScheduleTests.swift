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
        var schedule = PieceSchedule(pieces, sizes: [:])
        var (building, built): ([PostData.Piece], [Int]) = ([], [])
        while built.count < pieces.count {
            if building.count < 4, let piece = schedule.next() {
                for other in building where piece.locksAlone || other.locksAlone {
                    #expect(piece.tables.isDisjoint(with: other.tables))
                }
                building.append(piece)
                continue
            }
            guard let index = building.indices.randomElement(using: &random) else { break }
            let piece = building.remove(at: index)
            schedule.finish(piece)
            built.append(piece.number)
        }
        #expect(built.sorted() == pieces.map(\.number))
        #expect(schedule.next() == nil)
    }

    @Test func largestTableComesFirstAndItsIndexesBesideEachOther() {
        let text = """
            CREATE INDEX a ON public.t0 USING btree (a); CREATE INDEX b ON public.t1 USING btree (a);
            ALTER TABLE ONLY public.t1 ADD CONSTRAINT k PRIMARY KEY (a); CREATE INDEX c ON public.t1 USING btree (b);
            """
        var schedule = PieceSchedule(
            PostData(ByteBuffer(string: text)).pieces, sizes: [Self.table(0): 10, Self.table(1): 20])
        let first = schedule.next()
        #expect(first?.number == 2)
        #expect(schedule.next()?.number == 4)
        #expect(schedule.next()?.number == 1)
        // The key has to wait for both indexes of its table.
        #expect(schedule.next() == nil)
    }
}
