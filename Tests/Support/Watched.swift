import Synchronization

/// What several tasks change, and others wait for: whoever waits is told as soon as it is so.
package final class Watched<State: Sendable>: Sendable {
    private struct Waiter {
        var predicate: @Sendable (State) -> Bool
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct Guarded {
        var state: State
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private let guarded: Mutex<Guarded>

    package init(_ state: State) { guarded = Mutex(Guarded(state: state)) }

    /// The one way to the state, also for who only reads.
    @discardableResult
    package func change<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
        let (value, due) = try guarded.withLock { guarded in
            let value = try body(&guarded.state)
            guard !guarded.waiters.isEmpty else { return (value, [CheckedContinuation<Bool, Never>]()) }
            let state = guarded.state
            let due = guarded.waiters.filter { $0.value.predicate(state) }
            for id in due.keys { guarded.waiters[id] = nil }
            return (value, due.values.map(\.continuation))
        }
        for continuation in due { continuation.resume(returning: true) }
        return value
    }

    /// Returns as soon as it is so, or the task is cancelled.
    ///
    /// - Returns: Whether that was in time.
    package func wait(
        _ limit: Duration = Waiting.limit, until predicate: @escaping @Sendable (State) -> Bool
    ) async -> Bool {
        let id = guarded.withLock { guarded in
            guarded.nextWaiter += 1
            return guarded.nextWaiter
        }
        let alarm = Task {
            try await Task.sleep(for: limit)
            stopWaiting(id, isInTime: false)
        }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isSo = guarded.withLock { guarded in
                    if predicate(guarded.state) { return true }
                    guarded.waiters[id] = Waiter(predicate: predicate, continuation: continuation)
                    return false
                }
                if isSo { return continuation.resume(returning: true) }
                if Task.isCancelled { stopWaiting(id, isInTime: true) }
            }
        } onCancel: {
            stopWaiting(id, isInTime: true)
        }
    }

    /// Returns as soon as it is so, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - last: Tells of the state that is there instead.
    ///   - file: Where a test waits.
    /// - Throws: ``WaitedInVain``.
    package func wait(
        file: String, line: Int, last: (State) -> String, until predicate: @escaping @Sendable (State) -> Bool
    ) async throws {
        guard await wait(until: predicate) else {
            throw WaitedInVain(file: file, line: line, last: change { last($0) })
        }
    }

    private func stopWaiting(_ id: Int, isInTime: Bool) {
        let waiter = guarded.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume(returning: isInTime)
    }
}
