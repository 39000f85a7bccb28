import MigrationKit

/// The three databases that imports go to have fixed names, so tests that import take turns at them.
actor TargetDatabases {
    static let shared = TargetDatabases()

    private var free = Set(Database.allCases)
    private var waiting: [(count: Int, CheckedContinuation<[Database], Never>)] = []

    /// Runs `body` with one of the databases for itself.
    static func withOne<Value: Sendable>(_ body: @Sendable (Database) async throws -> Value) async throws -> Value {
        try await with(1) { try await body($0[0]) }
    }

    /// Runs `body` with all three databases for itself.
    static func withAll<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await with(Database.allCases.count) { _ in try await body() }
    }

    private static func with<Value: Sendable>(
        _ count: Int, _ body: @Sendable ([Database]) async throws -> Value
    ) async throws -> Value {
        let taken = await shared.take(count)
        do {
            let value = try await body(taken)
            await shared.giveBack(taken)
            return value
        } catch {
            await shared.giveBack(taken)
            throw error
        }
    }

    private func take(_ count: Int) async -> [Database] {
        if waiting.isEmpty, free.count >= count { return remove(count) }
        return await withCheckedContinuation { waiting.append((count, $0)) }
    }

    private func giveBack(_ databases: [Database]) {
        free.formUnion(databases)
        while let first = waiting.first, free.count >= first.count {
            waiting.removeFirst()
            first.1.resume(returning: remove(first.count))
        }
    }

    private func remove(_ count: Int) -> [Database] {
        let taken = Array(free.sorted().prefix(count))
        free.subtract(taken)
        return taken
    }
}
