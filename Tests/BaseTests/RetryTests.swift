import Synchronization
import TestSupport
import Testing

@testable import MigrationKitBase

@Suite(.timeLimit(.minutes(30))) struct RetryTests {
    private func policy(patience: Duration = .milliseconds(50), delay: Duration = .milliseconds(1)) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.patience = patience
        policy.firstDelay = delay
        policy.longestDelay = delay * 4
        return policy
    }

    @Test func whatPassesIsTriedAgainAndTold() async throws {
        let notices = Mutex<[String]>([])
        let retry = Retry(policy(patience: .seconds(60))) { notice in notices.withLock { $0.append(notice.text) } }
        var attempts = 0
        let value = try await retry("part 3") {
            attempts += 1
            guard attempts == 4 else { throw TransientFailure("503 busy") }
            return attempts
        }
        #expect(value == 4)
        let told = notices.withLock { $0 }
        #expect(told.count == 3)
        #expect(told.allSatisfy { $0.hasPrefix("part 3: 503 busy. Trying again in ") })
    }

    @Test func whatStaysIsNotTriedAgain() async {
        var attempts = 0
        await #expect(throws: MigrationError.self) {
            try await Retry(policy())("part 3") {
                attempts += 1
                throw MigrationError(.failed, "no")
            }
        }
        #expect(attempts == 1)
    }

    @Test func patienceEndsWithTheReasonAndWhatToDo() async {
        let start = ContinuousClock.now
        let error = await #expect(throws: MigrationError.self) {
            try await Retry(policy())("part 3") { throw TransientFailure("reset") }
        }
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        #expect(error?.message.hasPrefix("part 3: reset. Gave up after ") == true)
        #expect(error?.next != nil)
    }

    @Test func serverIsLeftAloneForAsLongAsItWants() async throws {
        var attempts = 0
        let start = ContinuousClock.now
        try await Retry(policy(patience: .seconds(60)))("x") {
            attempts += 1
            if attempts == 1 { throw TransientFailure("429", retryAfter: .milliseconds(80)) }
        }
        #expect(ContinuousClock.now - start >= .milliseconds(80))
    }

    @Test func longWishOfAServerDoesNotOutlastPatience() async {
        let start = ContinuousClock.now
        await #expect(throws: MigrationError.self) {
            try await Retry(policy())("x") { throw TransientFailure("429", retryAfter: .seconds(3600)) }
        }
        #expect(ContinuousClock.now - start < .seconds(3600))
    }

    @Test func progressOfOthersProlongsPatience() async throws {
        let time = Mutex(ContinuousClock.now)
        let retry = Retry(policy(patience: .seconds(300)), now: { time.withLock { $0 } })
        var attempts = 0
        try await retry("x") {
            attempts += 1
            time.withLock { $0 += .seconds(200) }
            retry.madeProgress()
            time.withLock { $0 += .seconds(200) }
            if attempts < 5 { throw TransientFailure("reset") }
        }
        #expect(attempts == 5)
    }

    @Test func stopEndsAPauseAtOnce() async throws {
        let paused = AsyncStream<Void>.makeStream()
        let retry = Retry(policy(patience: .seconds(7200), delay: .seconds(3600))) { _ in paused.continuation.yield() }
        let task = Task { try await retry("x") { throw TransientFailure("reset") } }
        try await within("a pause") { for await _ in paused.stream { break } }
        retry.stop()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(retry.isStopping)
    }

    @Test func cancellationEndsAPauseAtOnce() async throws {
        let paused = AsyncStream<Void>.makeStream()
        let retry = Retry(policy(patience: .seconds(7200), delay: .seconds(3600))) { _ in paused.continuation.yield() }
        let task = Task { try await retry("x") { throw TransientFailure("reset") } }
        try await within("a pause") { for await _ in paused.stream { break } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func afterAStopAFailureIsFinal() async {
        let retry = Retry(policy(patience: .seconds(600), delay: .seconds(300)))
        retry.stop()
        await #expect(throws: CancellationError.self) { try await retry("x") { throw TransientFailure("reset") } }
    }
}
