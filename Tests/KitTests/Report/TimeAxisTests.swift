import Testing

@testable import MigrationKit

/// Work in proportion, breaks short.
@Suite struct TimeAxisTests {
    @Test func workIsShownInProportion() {
        let axis = TimeAxis([0...10, 10...40])
        #expect(axis.breaks.isEmpty)
        #expect(axis.place(0) == 0 && axis.place(10) == 25 && axis.place(40) == 100)
    }

    @Test func longBreakIsShort() throws {
        let axis = TimeAxis([1_000_000...1_000_100, 0...100])
        let gap = try #require(axis.breaks.first)
        #expect(axis.breaks.count == 1 && gap.times == 100...1_000_000)
        #expect(gap.places == 48...52)
        #expect(axis.place(50) == 24 && axis.place(1_000_050) == 76)
        #expect((48...52).contains(axis.place(500_000)))
    }

    @Test func shortBreakIsShownAsItIs() {
        let axis = TimeAxis([0...100, 102...200])
        #expect(axis.breaks.isEmpty && axis.work.count == 1)
        #expect(axis.place(100) == 50)
    }

    @Test func attemptsAtTheSameTimeAreOneStretch() {
        let axis = TimeAxis([0...100, 20...30, 50...120])
        #expect(axis.work.count == 1 && axis.work[0].times == 0...120)
    }

    @Test func breaksLeaveRoomForWork() {
        let axis = TimeAxis((0..<1000).map { Double($0) * 10_000...Double($0) * 10_000 + 10 })
        let width = axis.breaks.reduce(0) { $0 + $1.places.upperBound - $1.places.lowerBound }
        #expect(axis.breaks.count == 999 && width < 40.001)
        #expect(axis.place(.infinity) == 100 && axis.place(-1) == 0)
    }

    @Test func noTimeAndAnInstantHaveTheirPlaces() {
        #expect(TimeAxis([]).place(5) == 0)
        #expect(TimeAxis([]).ticks(distance: 20).isEmpty)
        let instant = TimeAxis([5...5])
        #expect((0...100).contains(instant.place(5)) && instant.ticks(distance: 20).count == 1)
    }

    @Test(arguments: [0.001, 3, 100, 40_000, 10_000_000])
    func ticksHaveRoom(seconds: Double) {
        let ticks = TimeAxis([1_700_000_000...(1_700_000_000 + seconds), 1_800_000_000...1_800_000_001]).ticks(
            distance: 20)
        #expect((2...6).contains(ticks.count))
        for (one, next) in zip(ticks, ticks.dropFirst()) { #expect(next.place - one.place >= 20) }
    }
}
