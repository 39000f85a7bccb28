/// `mi-migrate copies`: the copies of databases that migrations have kept on the server, and their removal. Nothing else
/// removes them, and together they take as much room as the databases.
package struct DatabaseCopies: Sendable {
    /// The server.
    package var importer: any DatabaseImporter
    /// What was done so far.
    package var journal: MigrationJournal
    /// Asked before any is removed, with what would be; false ends it.
    package var confirm: @Sendable ([DatabaseCopy]) async throws -> Bool
    /// Takes what happens.
    package var onEvent: MigrationEventHandler

    /// Names a server; see the properties.
    package init(
        importer: any DatabaseImporter, journal: MigrationJournal,
        confirm: @escaping @Sendable ([DatabaseCopy]) async throws -> Bool,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.importer, self.journal, self.confirm, self.onEvent) = (importer, journal, confirm, onEvent)
    }

    /// Those that are there.
    ///
    /// - Throws: ``MigrationError`` if the server cannot be asked.
    package func list() async throws -> [DatabaseCopy] { try await importer.copies() }

    private static let removal = JournaledStep(nil, detail: "without copies")

    /// Removes them, and notes that in the journal.
    ///
    /// - Returns: Those that were removed.
    /// - Throws: ``MigrationError`` if one cannot be removed, or a return to one was begun and is not finished.
    package func remove(takingOver: Bool = false) async throws -> [DatabaseCopy] {
        try await journal.working(takingOver: takingOver) {
            try await RestoreDatabases.requireNoneBegun(journal)
            let copies = try await importer.copies()
            guard !copies.isEmpty else { return [] }
            if let warning = await warning {
                onEvent(.warning(.init(.copiesNeeded, warning, ["server": .init(importer.serverName)])))
            }
            guard try await confirm(copies) else {
                throw MigrationError(.usage, "Not confirmed. Nothing was changed.")
            }
            try await journal.append(.began(step: Self.removal))
            do {
                try await ServerPatience.holding(journal, onEvent) {
                    for copy in copies { try await importer.remove(copy, for: Self.removal) }
                }
            } catch let error as MigrationError where error.code != .interrupted {
                try await journal.append(.failed(step: Self.removal, error: error.message))
                throw error
            }
            let names = copies.map(\.description).joined(separator: ", ")
            try await journal.append(.finished(step: Self.removal, result: "removed \(names)"))
            try await undoRestorePoint(copies)
            return copies
        }
    }

    /// What somebody should know who removes the way back.
    private var warning: String? {
        get async {
            let state = await journal.state
            guard state.isFinished(.init(.restorePoint)), !state.progress(of: .test).isOver else { return nil }
            return "This migration is not tested yet: without the copy, going back means importing again."
        }
    }

    /// Before the upgrade has begun the databases are still what the copy was: another one is made then.
    private func undoRestorePoint(_ copies: [DatabaseCopy]) async throws {
        let step = JournaledStep(.restorePoint)
        let state = await journal.state
        guard let name = state.step(step)?.result, copies.contains(where: { $0.name == name }),
            state.parts(of: .upgrade).allSatisfy({ $0.progress == .toDo })
        else { return }
        try await journal.append(.undone(steps: [step], reason: "its copy was removed"))
    }
}
