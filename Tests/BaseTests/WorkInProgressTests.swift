import Testing

@testable import MigrationKitBase

/// The rate is that of the last seconds.
@Suite struct WorkInProgressTests {
    private let start = ContinuousClock.now

    private func work(total: Int64? = 1_000_000_000) -> WorkInProgress {
        WorkInProgress(name: "primary", total: total, at: start)
    }

    /// Advances by so much a tenth of a second, over so many seconds.
    private func run(_ work: inout WorkInProgress, from: Int, to: Int, by step: Int64) {
        for tenth in from * 10 + 1...to * 10 {
            work.advance(to: work.bytes + step, detail: nil, at: start + .milliseconds(100 * tenth))
        }
    }

    private func isAbout(_ rate: Int64?, _ expected: Int64) -> Bool {
        rate.map { abs($0 - expected) <= expected / 20 } ?? false
    }

    @Test func rateIsUnknownUntilASecondHasPassed() {
        var work = work()
        #expect(work.progress(at: start + .seconds(20)).rate == nil)
        work.advance(to: 5, detail: nil, at: start + .seconds(20))
        #expect(work.progress(at: start + .milliseconds(20_900)).rate == nil)
        #expect(work.progress(at: start + .milliseconds(21_000)).rate == 0)
    }

    @Test func rateIsThatOfTheLastTenSeconds() {
        var work = work()
        run(&work, from: 0, to: 60, by: 1_000_000)
        #expect(isAbout(work.progress(at: start + .seconds(60)).rate, 10_000_000))
        run(&work, from: 60, to: 65, by: 100_000)
        #expect(isAbout(work.progress(at: start + .seconds(65)).rate, 5_500_000))
        run(&work, from: 65, to: 75, by: 100_000)
        #expect(isAbout(work.progress(at: start + .seconds(75)).rate, 1_000_000))
    }

    @Test func whatWasThereBeforeIsNoPartOfTheRate() {
        var work = work()
        work.advance(to: 900_000_000, detail: nil, at: start + .milliseconds(10))
        run(&work, from: 1, to: 4, by: 100_000)
        let progress = work.progress(at: start + .seconds(4))
        #expect(isAbout(progress.rate, 750_000))
        #expect(progress.bytes == 903_000_000)
        #expect(progress.secondsLeft.map { $0 > 120 } == true)
    }

    @Test func whatStandsStillHasNoRateAndNoEnd() {
        var work = work()
        run(&work, from: 0, to: 20, by: 1_000_000)
        let progress = work.progress(at: start + .seconds(31))
        #expect(progress.rate == 0)
        #expect(progress.secondsLeft == nil)
        #expect(progress.silence == .seconds(11))
        #expect(progress.elapsed == .seconds(31))
    }

    @Test func largePartsAtLongIntervalsCountInFull() {
        var work = work()
        for part in 1...5 { work.advance(to: Int64(part) * 16_000_000, detail: nil, at: start + .seconds(8 * part)) }
        #expect(isAbout(work.progress(at: start + .seconds(40)).rate, 2_000_000))
    }

    @Test func eventsAreTakenUntilWorkIsOver() {
        var works: [WorkInProgress] = []
        #expect(works.take(.started("primary", total: 10)) == nil)
        #expect(works.take(.started("codeintel", total: nil)) == nil)
        let progress = works.take(.advanced("primary", bytes: 3, detail: "users"))
        #expect(progress?.bytes == 3 && progress?.total == 10 && progress?.detail == "users")
        #expect(works.take(.advanced("another", bytes: 3, detail: nil)) == nil)
        #expect(works.take(.failed("primary", MigrationError(.failed, "no"))) == nil)
        #expect(works.take(.finished("codeintel", summary: "done")) == nil)
        #expect(works.isEmpty)
    }
}
