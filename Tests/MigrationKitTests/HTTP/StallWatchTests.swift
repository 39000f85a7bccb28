import Foundation
import Synchronization
import Testing

@testable import MigrationKit

@Suite(.timeLimit(.minutes(30))) struct StallWatchTests {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    @Test func whatMovesMayTakeAsLongAsItTakes() async throws {
        let over = Flag()
        defer { over.isSet.store(true, ordering: .relaxed) }
        try await StallWatch.with(limit: .milliseconds(500)) { watch in
            // A thread of its own moves on, however busy the others are.
            Thread.detachNewThread {
                while !over.isSet.load(ordering: .relaxed) {
                    watch.touch()
                    Thread.sleep(forTimeInterval: 0.01)
                }
            }
            try await Task.sleep(for: .milliseconds(1100))
        }
    }

    @Test func whatStandsStillIsEnded() async {
        await #expect(throws: TransientFailure.self) {
            try await StallWatch.with(limit: .milliseconds(20)) { _ in try await Task.sleep(for: .seconds(3600)) }
        }
    }

    @Test func errorOfTheBodyIsPassedOn() async {
        await #expect(throws: MigrationError.self) {
            try await StallWatch.with(limit: .seconds(60)) { _ in throw MigrationError(.failed, "x") }
        }
    }

    @Test func whoeverIsCancelledDoesNotWaitForTheLimit() async {
        let task = Task {
            try await StallWatch.with(limit: .seconds(3600)) { _ in try await Task.sleep(for: .seconds(3600)) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
