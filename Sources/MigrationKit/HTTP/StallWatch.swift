import Synchronization

/// The time by which something is found to stand still. A test may have one of its own, so that it does not matter how
/// busy the machine is.
package struct StallTime: Sendable {
    package let now: @Sendable () -> ContinuousClock.Instant
    /// Returns at an instant, or throws when it is cancelled.
    package let sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) {
        (self.now, self.sleep) = (now, sleep)
    }

    @TaskLocal package static var current = StallTime(
        now: { .now }, sleep: { try await Task.sleep(until: $0, clock: .continuous) })
}

/// Ends what makes no progress for a while. Not a deadline: a slow transfer may take as long as it takes.
final class StallWatch: Sendable {
    /// When something has moved last; nil while the other side waits for us.
    private let lastProgress: Mutex<ContinuousClock.Instant?>
    private let time: StallTime

    /// Waking later than this says that more than the connection stood still.
    private static let oversleep = Duration.milliseconds(100)

    private init(_ time: StallTime) {
        self.time = time
        lastProgress = Mutex(time.now())
    }

    /// Something has moved.
    func touch() {
        let now = time.now()
        lastProgress.withLock { $0 = now }
    }

    private func deadline(_ limit: Duration) -> ContinuousClock.Instant {
        (lastProgress.withLock { $0 } ?? time.now()) + limit
    }

    /// From now until the next touch it is not the other side that is waited for.
    func pause() { lastProgress.withLock { $0 = nil } }

    /// Runs `body`, which touches the watch whenever something moves.
    ///
    /// - Throws: ``TransientFailure`` once nothing has moved for as long as `limit`; what `body` throws.
    static func with<Value: Sendable>(
        limit: Duration, _ body: @escaping @Sendable (StallWatch) async throws -> Value
    ) async throws -> Value {
        let time = StallTime.current
        let watch = StallWatch(time)
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body(watch) }
            group.addTask {
                while true {
                    let deadline = watch.deadline(limit)
                    try await time.sleep(deadline)
                    // Woken too late, this machine was busy or asleep: nobody could touch the watch.
                    if time.now() - deadline > oversleep { watch.touch() }
                    guard watch.deadline(limit) > time.now() else {
                        throw TransientFailure(
                            "no data was sent or received for \(Quantity.duration(limit))", request: .unanswered)
                    }
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
