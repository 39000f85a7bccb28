import MigrationKitHTTP
import Synchronization
import TestSupport

/// A time that stands still until a test moves it: nothing is taken for stalled because the machine is busy.
package final class ManualTime: Sendable {
    private let instant = Watched(ContinuousClock.now)

    package init() {}

    /// Moves it on.
    package func advance(by duration: Duration) { instant.change { $0 += duration } }

    /// Runs `body` by it.
    package func ruling<Value: Sendable>(
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
