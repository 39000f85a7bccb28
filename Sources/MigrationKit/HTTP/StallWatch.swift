import Synchronization

/// Ends what makes no progress for a while. Not a deadline: a slow transfer may take as long as it takes.
final class StallWatch: Sendable {
    /// When something has moved last; nil while the other side waits for us.
    private let lastProgress = Mutex<ContinuousClock.Instant?>(.now)

    /// Waking later than this says that more than the connection stood still.
    private static let oversleep = Duration.milliseconds(100)

    /// Something has moved.
    func touch() { lastProgress.withLock { $0 = .now } }

    private func deadline(_ limit: Duration) -> ContinuousClock.Instant {
        (lastProgress.withLock { $0 } ?? .now) + limit
    }

    /// From now until the next touch it is not the other side that is waited for.
    func pause() { lastProgress.withLock { $0 = nil } }

    /// Runs `body`, which touches the watch whenever something moves.
    ///
    /// - Throws: ``TransientFailure`` once nothing has moved for as long as `limit`; what `body` throws.
    static func with<Value: Sendable>(
        limit: Duration, _ body: @escaping @Sendable (StallWatch) async throws -> Value
    ) async throws -> Value {
        let watch = StallWatch()
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body(watch) }
            group.addTask {
                while true {
                    let deadline = watch.deadline(limit)
                    try await Task.sleep(until: deadline, clock: .continuous)
                    // Woken too late, this machine was busy or asleep: nobody could touch the watch.
                    if ContinuousClock.now - deadline > oversleep { watch.touch() }
                    guard watch.deadline(limit) > .now else {
                        throw TransientFailure("nothing has moved for \(Quantity.duration(limit))")
                    }
                }
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
