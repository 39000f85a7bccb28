import Synchronization

/// What several tasks change, and others wait for: whoever waits is told as soon as it is so.
final class Watched<State: Sendable>: Sendable {
    private struct Waiter {
        var predicate: @Sendable (State) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Guarded {
        var state: State
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private let guarded: Mutex<Guarded>

    init(_ state: State) { guarded = Mutex(Guarded(state: state)) }

    /// The one way to the state, also for who only reads.
    @discardableResult
    func change<Value: Sendable>(_ body: (inout State) throws -> Value) rethrows -> Value {
        let (value, due) = try guarded.withLock { guarded in
            let value = try body(&guarded.state)
            guard !guarded.waiters.isEmpty else { return (value, [CheckedContinuation<Void, Never>]()) }
            let state = guarded.state
            let due = guarded.waiters.filter { $0.value.predicate(state) }
            for id in due.keys { guarded.waiters[id] = nil }
            return (value, due.values.map(\.continuation))
        }
        for continuation in due { continuation.resume() }
        return value
    }

    /// Returns as soon as it is so, or the task is cancelled.
    func wait(until predicate: @escaping @Sendable (State) -> Bool) async {
        let id = guarded.withLock { guarded in
            guarded.nextWaiter += 1
            return guarded.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isSo = guarded.withLock { guarded in
                    if predicate(guarded.state) { return true }
                    guarded.waiters[id] = Waiter(predicate: predicate, continuation: continuation)
                    return false
                }
                if isSo { return continuation.resume() }
                if Task.isCancelled { stopWaiting(id) }
            }
        } onCancel: {
            stopWaiting(id)
        }
    }

    private func stopWaiting(_ id: Int) {
        let waiter = guarded.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume()
    }
}
