package import Subprocess
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Kills a child process that takes too long, and all else in its process group: whoever waits for its end, or for what
/// it prints, gets on.
package final class Watchdog: Sendable {
    private struct State {
        var process: ProcessIdentifier?
        var alarm: Task<Void, any Error>?
        var hasBitten = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Watches a process that is not waited for yet, from now on.
    package func watch(_ process: ProcessIdentifier, for limit: Duration = Waiting.limit) {
        let alarm = Task { [weak self] in
            try await Task.sleep(for: limit)
            self?.bite()
        }
        state.withLock { state in
            state.alarm?.cancel()
            (state.process, state.alarm) = (process, alarm)
        }
    }

    /// Stops watching, before the process is waited for by nobody any more.
    ///
    /// - Returns: Whether it was killed.
    @discardableResult
    package func leave() -> Bool {
        state.withLock { state in
            state.alarm?.cancel()
            (state.process, state.alarm) = (nil, nil)
            return state.hasBitten
        }
    }

    /// Kills it at once.
    package func bite() {
        state.withLock { state in
            guard let process = state.process else { return }
            state.hasBitten = true
            if kill(-process.value, SIGKILL) != 0 { kill(process.value, SIGKILL) }
        }
    }

    deinit { leave() }
}
