import Synchronization

@testable import MigrationKitHTTP

/// A time that stands still until a test moves it: nothing is taken for stalled because the machine is busy.
final class ManualTime: Sendable {
    private let instant = Watched(ContinuousClock.now)

    /// Moves it on.
    func advance(by duration: Duration) { instant.change { $0 += duration } }

    /// Runs `body` by it.
    func ruling<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        let time = StallTime(
            now: { self.instant.change { $0 } },
            sleep: { end in
                _ = await self.instant.wait(.seconds(3600), until: { $0 >= end })
                try Task.checkCancellation()
            })
        return try await StallTime.$current.withValue(time) { try await body() }
    }
}
