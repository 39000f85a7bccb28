import Foundation
package import Testing

/// Lets only so many tests run at once, since each of these starts several programs; gives each a bounded time, and
/// notes what it has cost.
package struct InTurn: SuiteTrait, TestTrait, TestScoping {
    /// Whether it takes so long that it has to begin before the others, or the run ends with it alone.
    package var isLong = false

    package var isRecursive: Bool { true }

    /// More turns than cores: a test often waits for a server or for a program of its own.
    private static let turns = TestTurns(max(4, 2 * ProcessInfo.processInfo.activeProcessorCount))
    /// Far more than any takes on a busy machine: whatever a test waits for ends sooner.
    private static let limit = Duration.seconds(10 * 60)
    /// How long a test that is stopped may go on.
    private static let grace = Duration.seconds(60)

    @concurrent package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Self.turns.take(first: isLong) {
            let cost = TestCost()
            defer { cost.note(test) }
            try await TestCost.$current.withValue(cost) {
                try await withoutActuallyEscaping(function) { try await Self.inTime($0, test) }
            }
        }
    }

    /// A test that does not end in time has failed and gives back its turn. One that cannot even be stopped ends the run,
    /// which would wait for it for ever.
    private static func inTime(_ function: @concurrent @escaping @Sendable () async throws -> Void, _ test: Test)
        async throws
    {
        let lastResort = Task {
            try await Task.sleep(for: limit + grace)
            FileHandle.standardError.write(Data("✘ \(test.id) cannot be stopped. The run ends here.\n".utf8))
            exit(1)
        }
        defer { lastResort.cancel() }
        try await withThrowingTaskGroup { group in
            group.addTask { try await function() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw NotInTime(limit: limit)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private struct NotInTime: Error, CustomStringConvertible {
        let limit: Duration
        var description: String { "The test has not ended in \(limit)." }
    }
}

extension Trait where Self == InTurn {
    /// Waits for its turn.
    package static var inTurn: Self { Self() }
    /// Waits for its turn, before all that are not long.
    package static var inTurnFirst: Self { Self(isLong: true) }
}

/// So many at once, the others one after the other.
package actor TestTurns {
    private var free: Int
    private var first: [CheckedContinuation<Void, Never>] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ count: Int) { free = count }

    package nonisolated func take<Value: Sendable>(
        first isFirst: Bool = false, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        await enter(isFirst)
        do {
            let value = try await body()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter(_ isFirst: Bool) async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { if isFirst { first.append($0) } else { waiting.append($0) } }
        }
    }

    private func leave() {
        if !first.isEmpty {
            first.removeFirst().resume()
        } else if !waiting.isEmpty {
            waiting.removeFirst().resume()
        } else {
            free += 1
        }
    }
}
