import Testing

@testable import MigrationKit

/// Pauses between looks.
struct PausesTests {
    @Test func theyBeginShortAndGrowToTheLongest() {
        var pauses = Pauses(upTo: .milliseconds(100))
        let taken = (1...5).map { _ in pauses.next() }
        #expect(taken == [20, 40, 80, 100, 100].map { .milliseconds($0) })
    }

    @Test func theFirstIsNoLongerThanTheLongest() {
        var pauses = Pauses(upTo: .milliseconds(10))
        #expect([pauses.next(), pauses.next()] == [.milliseconds(10), .milliseconds(10)])
    }
}
