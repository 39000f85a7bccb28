/// `mi-migrate restore`: goes back to the databases as they were imported and proven, before their upgrade.
///
/// 1. Freeze the instance: nobody may be connected.
/// 2. Bring the copy back that was kept before the upgrade.
/// 3. Note that the upgrade, and all that came after it, has to be done again.
public struct RestoreDatabases: Sendable {
    /// The instance; nil: it is stopped by somebody else.
    public var instance: (any InstanceController)?
    /// The server with its databases.
    public var importer: any DatabaseImporter
    /// What was done so far.
    public var journal: MigrationJournal
    /// Which databases: those of the copy, no others. Nil: as the copy has them.
    public var databases: [Database]?
    /// Whether other sessions are ended; else they are an error.
    public var terminatesConnections = false
    /// Asked before anything is dropped, with what the copy is called; false ends it.
    public var confirm: @Sendable (String) async throws -> Bool

    /// Names instance and server; see the properties.
    public init(
        instance: (any InstanceController)?, importer: any DatabaseImporter, journal: MigrationJournal,
        databases: [Database]? = nil, confirm: @escaping @Sendable (String) async throws -> Bool
    ) {
        (self.instance, self.importer, self.journal) = (instance, importer, journal)
        (self.databases, self.confirm) = (databases, confirm)
    }

    /// Goes back.
    ///
    /// - Returns: What the copy is called.
    /// - Throws: ``MigrationError`` if there is no copy, or it cannot be brought back.
    public func run(takingOver: Bool = false) async throws -> String {
        try await journal.working(takingOver: takingOver) {
            let kept = await journal.state.step(.init(.restorePoint))
            guard let kept, kept.finishedAt != nil, let copy = kept.result else {
                throw MigrationError(
                    .unmetRequirement, "No copy of the databases of \(importer.serverName) was made before an upgrade.",
                    next: "Import again: `mi-migrate run --from-step=reset`.")
            }
            let databases = try await copied()
            guard !databases.isEmpty else {
                throw MigrationError(
                    .unmetRequirement, "The copy \(copy) is empty: there were no databases.",
                    next: "Import first: `mi-migrate run --from-step=reset`.")
            }
            guard try await confirm(copy) else {
                throw MigrationError(.usage, "Not confirmed. Nothing was changed.")
            }
            try await journal.step(.restore) {
                if let instance {
                    _ = try await journal.job(.init(.restore, "freeze")) { try await instance.freeze(job: $0) }
                }
                try await importer.restore(
                    copy, of: databases, terminatingConnections: terminatesConnections, for: .restore)
                return copy
            }
            try await journal.append(.undone(steps: await undone(), reason: "the databases were restored"))
            return copy
        }
    }

    /// The migrator upgrades all databases at once: some of them without the others would be of no release.
    private func copied() async throws -> [Database] {
        let record: [Database]? = try await journal.record(of: .init(.restorePoint))
        let copied = record ?? databases ?? Database.allCases
        guard let databases, Set(databases) != Set(copied) else { return copied }
        throw MigrationError(
            .usage,
            "The copy is of \(copied.map(\.rawValue).joined(separator: ", ")), and can only be restored as a whole.",
            next: "Omit --database.")
    }

    /// Databases that are on their way back are nothing to go on from.
    ///
    /// - Throws: ``MigrationError`` if a return to a copy was begun, and its end is not in the journal.
    static func requireNoneBegun(_ journal: MigrationJournal) async throws {
        guard let begun = await journal.state.step(.restore), !begun.isUndone else { return }
        throw MigrationError(
            .unmetRequirement, "Restoring the copy of the databases was started and has not finished.",
            next: "Run `mi-migrate restore` again, or import again: `mi-migrate run --from-step=reset`.",
            details: begun.error.map { [$0] } ?? [])
    }

    private func undone() async -> [JournaledStep] {
        await journal.state.steps.map(\.name).filter { name in
            name == .restore || name.step.map { $0 >= .upgrade || $0 == .proxy || $0 == .match } == true
        }
    }
}
