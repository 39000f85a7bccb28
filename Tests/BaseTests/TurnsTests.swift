import Synchronization
import Testing

@testable import MigrationKitBase

@Suite(.timeLimit(.minutes(30))) struct TurnsTests {
    /// How many are at it.
    private final class Presence: Sendable {
        private let counts = Mutex((now: 0, peak: 0))

        var peak: Int { counts.withLock { $0.peak } }

        func come() { counts.withLock { $0 = ($0.now + 1, max($0.peak, $0.now + 1)) } }
        func go() { counts.withLock { $0.now -= 1 } }
    }

    @Test(arguments: [1, 3, 100])
    func soManyAtOnceAndNoMore(count: Int) async throws {
        let turns = Turns(count)
        let presence = Presence()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...50 {
                group.addTask {
                    try await turns {
                        presence.come()
                        await Task.yield()
                        presence.go()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(presence.peak <= count)
    }

    @Test func turnOfWhoeverFailsGoesToTheNext() async throws {
        let turns = Turns(1)
        for _ in 1...3 {
            await #expect(throws: MigrationError.self) { try await turns { throw MigrationError(.failed, "x") } }
        }
        #expect(try await turns { 5 } == 5)
    }

    @Test func whoeverIsCancelledWhileWaitingTakesNoTurn() async throws {
        let turns = Turns(1)
        for _ in 1...200 {
            try await turns {
                let waiting = Task { try await turns {} }
                if Bool.random() { await Task.yield() }
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
            }
        }
        #expect(try await turns { 5 } == 5)
    }

    @Test func noneBeginsAfterOneHasFailed() async throws {
        struct Failure: Error {}
        let turns = TurnsUntilFailure(Turns(1))
        let begun = Mutex<[Int]>([])
        let results = await SideBySide.results(of: Array(1...20)) { number in
            try await turns {
                let place = begun.withLock {
                    $0.append(number)
                    return $0.count
                }
                if place == 3 { throw Failure() }
            }
        }
        #expect(turns.isOver)
        #expect(begun.withLock(\.count) == 3)
        #expect(results.count { if case .failure(let error) = $0 { error is Failure } else { false } } == 1)
    }
}
