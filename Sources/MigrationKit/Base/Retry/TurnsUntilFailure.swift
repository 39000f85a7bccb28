import Synchronization

/// Turns that are given until somebody has failed: what has begun by then goes on to its end, and nothing else begins.
package final class TurnsUntilFailure: Sendable {
    private let turns: Turns
    private let failed = Atomic(false)

    package init(_ turns: Turns) { self.turns = turns }

    /// Whether nothing begins any more.
    package var isOver: Bool { failed.load(ordering: .relaxed) }

    /// Runs `body` when its turn has come, unless somebody has failed by then.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits; what `body` throws.
    package func callAsFunction(_ body: () async throws -> Void) async throws {
        try await turns {
            guard !isOver else { return }
            do { try await body() } catch {
                failed.store(true, ordering: .relaxed)
                throw error
            }
        }
    }
}
