import Synchronization

/// Wakes tasks that wait for an actor's state to change: each looks again at what it waits for.
package final class ChangeSignal: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

    package init() {}

    /// Waits for the next change. Runs on the caller's actor: nothing changes between its last look and the wait.
    ///
    /// - Throws: `CancellationError`.
    package func wait(isolation: isolated (any Actor)? = #isolation) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Whoever is cancelled by now may have been woken before it waited.
                let isOver = waiting.withLock { waiting in
                    if !Task.isCancelled { waiting.append(continuation) }
                    return Task.isCancelled
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        try Task.checkCancellation()
    }

    /// Something has changed.
    package func wake() {
        let all = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for one in all { one.resume() }
    }
}
