import Synchronization

/// How long and how often something is tried again.
public struct RetryPolicy: Sendable {
    /// With nothing done for so long, it is given up.
    public var patience = Duration.seconds(15 * 60)
    /// The pause after a first failure; each further one doubles it.
    public var firstDelay = Duration.seconds(1)
    /// The longest pause.
    public var longestDelay = Duration.seconds(32)

    /// Fifteen minutes, with pauses of 1 to 32 seconds.
    public init() {}
}

/// Tries again what may succeed, bounded by time without progress and not by count. Shared by all that makes the same
/// progress: a part that fails is not given up while others get through.
package final class Retry: Sendable {
    private struct State {
        var lastProgress: ContinuousClock.Instant
        var isStopping = false
        /// Ends what waits, by number.
        var waiting: [Int: @Sendable () -> Void] = [:]
        var waits = 0
    }

    private let policy: RetryPolicy
    private let onNotice: @Sendable (MigrationNotice) -> Void
    private let next: String
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameters:
    ///   - next: What to do once it is given up.
    ///   - onNotice: Is told of each failure, with what is done about it.
    ///   - now: By which time patience ends.
    package init(
        _ policy: RetryPolicy,
        next: String = "Check the network, then run the same command again: it resumes where this one stopped.",
        onNotice: @escaping @Sendable (MigrationNotice) -> Void = { _ in },
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.policy = policy
        self.now = now
        state = Mutex(State(lastProgress: now()))
        self.next = next
        self.onNotice = onNotice
    }

    /// Something got through.
    package func madeProgress() {
        let now = now()
        state.withLock { $0.lastProgress = now }
    }

    /// From now on a failure is final: somebody wants to stop.
    package func stop() {
        state.withLock { state in
            state.isStopping = true
            for end in state.waiting.values { end() }
        }
    }

    /// Whether somebody wants to stop.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Runs `attempt` until it succeeds.
    ///
    /// - Parameter what: What is tried, for messages: `part 3 of primary.sql`.
    /// - Throws: ``MigrationError`` once nothing has got through for as long as the policy has patience; what `attempt`
    ///   throws, unless it is a ``TransientFailure``.
    package func callAsFunction<Value: Sendable>(_ what: String, _ attempt: () async throws -> Value) async throws
        -> Value
    {
        var delay = policy.firstDelay
        var firstFailure: ContinuousClock.Instant?
        while true {
            do {
                return try await attempt()
            } catch let failure as TransientFailure {
                if isStopping { throw CancellationError() }
                let now = now()
                let start = firstFailure ?? now
                firstFailure = start
                let deadline = max(start, state.withLock { $0.lastProgress }) + policy.patience
                guard deadline > now else { throw gaveUp(what, failure) }
                let jittered = delay * Double.random(in: 0.5...1)
                let pause = min(max(jittered, failure.retryAfter ?? .zero), max(deadline - now, .zero))
                onNotice(
                    MigrationNotice(
                        .retrying,
                        "\(what): \(failure.reason). Trying again in \(Quantity.duration(pause)), for "
                            + "\(Quantity.duration(deadline - now)) at most.",
                        [
                            "what": .init(what), "reason": .init(failure.reason), "seconds": .init(pause),
                            "secondsLeft": .init(deadline - now),
                        ]))
                try await untilStopped { try await Task.sleep(for: pause) }
                delay = min(delay * 2, policy.longestDelay)
            }
        }
    }

    /// Waits for what is not worth waiting for any more when somebody wants to stop: then it is cancelled.
    package func untilStopped<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        let task = Task { try await body() }
        let number = state.withLock { state in
            state.waits += 1
            if state.isStopping { task.cancel() } else { state.waiting[state.waits] = { task.cancel() } }
            return state.waits
        }
        defer { state.withLock { $0.waiting[number] = nil } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func gaveUp(_ what: String, _ failure: TransientFailure) -> MigrationError {
        MigrationError(
            failure.code,
            "\(what): \(failure.reason). Gave up after \(Quantity.duration(policy.patience)) without a response.",
            next: next
        )
    }
}
