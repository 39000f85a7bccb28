import Testing

@testable import MigrationKitBase

/// Pauses between looks.
struct PausesTests {
    @Test func theyBeginShortAndGrowToTheLongest() {
        var pauses = Pauses(upTo: .milliseconds(100))
        let taken = (1...6).map { _ in pauses.next() }
        #expect(taken == [20_000, 30_000, 45_000, 67_500, 100_000, 100_000].map { .microseconds($0) })
    }

    @Test func theFirstIsNoLongerThanTheLongest() {
        var pauses = Pauses(upTo: .milliseconds(10))
        #expect([pauses.next(), pauses.next()] == [.milliseconds(10), .milliseconds(10)])
    }
}
