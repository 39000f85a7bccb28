import FakeGoogle
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// Whenever an import is killed, the same command goes on with it, and nothing is done twice.
@Suite(.inTurnFirst) struct KilledImportTests {
    private static let shares = 2

    enum Side: CaseIterable { case before, after }

    /// Each entry of the whole import of one database, in its turn: the shares are for tests that run side by side.
    @Test(arguments: Side.allCases, 0..<shares)
    func importGoesOnFromAnyEntry(side: Side, share: Int) async throws {
        try await CloudSQLPlace.with(try await CloudSQLSnapshot.small) { place in
            let whole = KilledImport(place, "whole", [.primary])
            let finished = try await whole.run()
            let expected = try await whole.contents()
            try await whole.check(finished, "whole", expected: expected)
            let count = place.storage.objectNames(in: CloudSQLPlace.bucket).count { $0.hasPrefix("whole/") }
            #expect(count >= 20)
            for number in stride(from: share + 1, through: count, by: Self.shares) {
                let trial = KilledImport(place, "\(side)-\(number)", [.primary])
                try await trial.litter()
                let killed = try await trial.runKilled(
                    side == .before ? .before(entry: number) : .after(entry: number))
                #expect(killed.status == .signaled(Signal.kill.rawValue), "\(number): \(killed.errors)")
                try await trial.check(try await trial.run(), "\(side) \(number) of \(count)", expected: expected)
            }
        }
    }

    @Test(arguments: [1, 2] as [UInt64], ImportWay.allCases)
    func importThatIsKilledTenTimesGoesOn(seed: UInt64, through way: ImportWay) async throws {
        var random = SplitMix(seed: seed)
        let moments = (1...10).map { _ -> KillMoment in
            // Over a connection hardly anything is asked of the instance.
            switch Int.random(in: 0..<(way == .api ? 3 : 2), using: &random) {
            case 0: .before(entry: Int.random(in: 1...9, using: &random))
            case 1: .after(entry: Int.random(in: 1...9, using: &random))
            default: .requests(Int.random(in: 1...60, using: &random))
            }
        }
        // Over a connection nobody knows whether a dump in one piece was committed, so its database begins again.
        let snapshot = way == .api ? try await CloudSQLSnapshot.small : try await CloudSQLSnapshot.split
        try await CloudSQLPlace.with(snapshot) { place in
            let whole = KilledImport(place, "whole", through: way)
            #expect(try await whole.run().exit == 0)
            let expected = try await whole.contents()
            let trial = KilledImport(place, "trial", through: way)
            try await trial.litter()
            for moment in moments {
                let killed = try await trial.runKilled(moment)
                #expect(killed.exit ?? 0 == 0, "\(moment): \(killed.errors)")
            }
            try await trial.check(try await trial.run(), "\(moments)", expected: expected)
        }
    }
}
