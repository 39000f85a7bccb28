/// Work on several things at once. One that fails leaves the others to go on to their ends: what they do by then need not
/// be done again.
package enum SideBySide {
    /// Does something with each of some things, with all at once.
    ///
    /// - Returns: What came of each, in the order of the things.
    package static func results<Item: Sendable, Value: Sendable>(
        of items: [Item], _ body: @escaping @Sendable (Item) async throws -> Value
    ) async -> [Result<Value, any Error>] {
        await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
            for (index, item) in items.enumerated() {
                group.addTask {
                    do { return (index, .success(try await body(item))) } catch { return (index, .failure(error)) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension Array {
    /// All values.
    ///
    /// - Parameter what: What they are, for messages: `dumps`.
    /// - Throws: One failure as it is; several as one, with a line each.
    package func allOrError<Value>(_ what: String) throws -> [Value] where Element == Result<Value, any Error> {
        let errors = compactMap { if case .failure(let error) = $0 { error } else { nil } }
        guard let error = errors.first else { return try map { try $0.get() } }
        // Where somebody has stopped all of it, who tells most of how far it was is heard.
        let told = errors.compactMap { $0 as? MigrationError }
        guard let first = told.first(where: { $0.code != .interrupted }) ?? told.first else { throw error }
        if told.count == 1 { throw first }
        let failed = errors.count { !$0.isInterruption }
        throw MigrationError(
            first.code, failed == 0 ? "Stopped." : "\(failed) of \(count) \(what) failed.", next: first.next,
            details: told.flatMap { [$0.message] + $0.details.map { "  " + $0 } })
    }
}

extension Error {
    fileprivate var isInterruption: Bool {
        self is CancellationError || (self as? MigrationError)?.code == .interrupted
    }
}
