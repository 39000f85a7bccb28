import LoopbackServers
import Testing

@testable import MigrationKitBase
@testable import MigrationKitHTTP

@Suite(.timeLimit(.minutes(30))) struct StallWatchTests {
    @Test func whatMovesMayTakeAsLongAsItTakes() async throws {
        let time = ManualTime()
        try await time.ruling {
            try await StallWatch.with(limit: .seconds(60)) { watch in
                for _ in 1...10 {
                    time.advance(by: .seconds(59))
                    // Time for the watch to look, if it would.
                    try await Task.sleep(for: .milliseconds(5))
                    watch.touch()
                }
            }
        }
    }

    @Test func whatIsNotWaitedForMayTakeAsLongAsItTakes() async throws {
        let time = ManualTime()
        try await time.ruling {
            try await StallWatch.with(limit: .seconds(60)) { watch in
                watch.pause()
                for _ in 1...10 {
                    time.advance(by: .seconds(59))
                    try await Task.sleep(for: .milliseconds(5))
                }
                watch.touch()
            }
        }
    }

    @Test func whatHasMovedAndThenStandsStillIsEnded() async throws {
        let time = ManualTime()
        await #expect(throws: TransientFailure.self) {
            try await time.ruling {
                try await StallWatch.with(limit: .seconds(60)) { watch in
                    time.advance(by: .seconds(59))
                    watch.touch()
                    time.advance(by: .seconds(60))
                    try await Task.sleep(for: .seconds(3600))
                }
            }
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
