import Testing

/// Lets only so many tests run at once: each of these starts several programs.
struct InTurn: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    private static let turns = Turns(6)

    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Self.turns.take { try await function() }
    }
}

extension Trait where Self == InTurn {
    /// Waits for its turn.
    static var inTurn: Self { Self() }
}

/// So many at once, the others one after the other.
actor Turns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    nonisolated func take<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        await enter()
        do {
            let value = try await body()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
