/// `mi-migrate restore`: goes back to the databases as they were imported and proven, before their upgrade.
///
/// 1. Check that the copy is there which was kept before the upgrade, that nobody else is connected, and that the
///    instance can be reached. Ask.
/// 2. Freeze the instance: nobody may be connected.
/// 3. Bring the copy back. From here on nothing is built on the databases until that has ended.
///
/// The upgrade, and all that came after it, then has to be done again.
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
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names instance and server; see the properties.
    public init(
        instance: (any InstanceController)?, importer: any DatabaseImporter, journal: MigrationJournal,
        databases: [Database]? = nil, confirm: @escaping @Sendable (String) async throws -> Bool,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.instance, self.importer, self.journal) = (instance, importer, journal)
        (self.databases, self.confirm, self.onEvent) = (databases, confirm, onEvent)
    }

    /// A copy of databases.
    private struct Copy {
        var name: String
        var databases: [Database]
    }

    /// Goes back.
    ///
    /// - Returns: What the copy is called.
    /// - Throws: ``MigrationError`` if there is no copy, or it cannot be brought back.
    public func run(takingOver: Bool = false) async throws -> String {
        try await journal.working(takingOver: takingOver) {
            let copy = try await keptCopy()
            try await checkBeforeFreezing(copy)
            guard try await confirm(copy.name) else {
                throw MigrationError(.usage, "Not confirmed. Nothing was changed.")
            }
            try await freeze()
            try await checkIsRestorable(copy) { _ in false }
            try await restore(copy)
            return copy.name
        }
    }

    // MARK: 1. Check

    private func keptCopy() async throws -> Copy {
        let kept = await journal.state.step(.init(.restorePoint))
        guard let kept, kept.finishedAt != nil, let name = kept.result else {
            throw MigrationError(
                .unmetRequirement, "No copy of the databases of \(importer.serverName) was made before an upgrade.",
                next: "Import again: `mi-migrate run --from-step=reset`.")
        }
        let databases = try await copied()
        guard !databases.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "The copy \(name) is empty: there were no databases.",
                next: "Import first: `mi-migrate run --from-step=reset`.")
        }
        return Copy(name: name, databases: databases)
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

    /// An instance that runs has sessions of its own, which end with it.
    private func checkBeforeFreezing(_ copy: Copy) async throws {
        let services = try await instance?.configuration().services
        try await checkIsRestorable(copy) { connection in
            services.map { connection.mayBelong(to: $0) } ?? false
        }
    }

    private func checkIsRestorable(
        _ copy: Copy, tolerating isTolerated: @escaping @Sendable (DestinationState.Connection) -> Bool
    ) async throws {
        let terminates = terminatesConnections
        try await importer.checkCopy(copy.name, of: copy.databases) { terminates || isTolerated($0) }
    }

    // MARK: 2. Freeze

    /// What is done when the instance runs has to be done again, also where nothing is restored after all.
    private func freeze() async throws {
        guard let instance else { return }
        let step = JournaledStep(nil, detail: MigrationStep.freeze.rawValue)
        try await journal.step(step) {
            try await journal.job(.init(step, "down")) { try await instance.freeze(job: $0) }
        }
        let steps = await journal.state.steps.map(\.name).filter { name in
            name == step || [.proxy, .start, .check, .test].contains(name.step)
        }
        try await journal.append(.undone(steps: steps, reason: "the instance was stopped to restore its databases"))
    }

    // MARK: 3. Restore

    private func restore(_ copy: Copy) async throws {
        if await journal.state.isFinished(.restore) {
            try await journal.append(.undone(steps: [.restore], reason: "the databases are restored again"))
        }
        do {
            try await journal.step(.restore) {
                try await ServerPatience.holding(journal, onEvent) {
                    try await importer.restore(
                        copy.name, of: copy.databases, terminatingConnections: terminatesConnections, for: .restore)
                }
                return copy.name
            }
        } catch let error as MigrationError where error.code == .unmetRequirement {
            // It was refused: the databases are as they were.
            try await journal.append(.undone(steps: [.restore], reason: error.message))
            throw error
        }
    }

    /// Databases that are on their way back are nothing to go on from.
    ///
    /// - Throws: ``MigrationError`` if a return to a copy was begun, and its end is not in the journal.
    static func requireNoneBegun(_ journal: MigrationJournal) async throws {
        guard let begun = await journal.state.openRestore else { return }
        throw MigrationError(
            .unmetRequirement, "Restoring the copy of the databases was started and has not finished.", next: wayOut,
            details: begun.error.map { [$0] } ?? [])
    }

    /// What to do about a return to a copy that has not come to its end.
    static let wayOut = "Run `mi-migrate restore` again, or import again: `mi-migrate run --from-step=reset`."
}

extension DestinationState.Connection {
    /// Whether it may be one of an instance with these services, which tell their names without `sourcegraph-` and number;
    /// one without a name is anybody's.
    fileprivate func mayBelong(to services: Set<String>) -> Bool {
        application.isEmpty || services.contains { $0.contains(application) || application.contains($0) }
    }
}
