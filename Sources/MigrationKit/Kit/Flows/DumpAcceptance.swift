/// Whether a dump is one that a snapshot takes, by what a pass over it has found.
struct DumpAcceptance: Sendable {
    let database: Database
    /// The dump, for messages.
    let name: String
    /// Whether the dump has to be Sourcegraph's; see ``DumpCompleteness``.
    let isOfInstance: Bool
    /// Why a dump is taken that has gaps; nil: it is refused.
    let acceptsIncomplete: String?

    /// - Throws: ``MigrationError`` if it is refused.
    func check(_ refusals: [Refusal], _ tableInForeignZone: TableName?, _ contents: DumpContents) throws {
        if !refusals.isEmpty { throw Refusal.error(refusals, in: name) }
        if let table = tableInForeignZone {
            throw MigrationError(
                .damagedSnapshot,
                "The times in \(name), table \(table), are not in UTC, so the import could not be proven.",
                next:
                    "Dump again with PGTZ=UTC in the environment, as the commands of `src-snapshot databases` have it."
            )
        }
        try completeness(contents).check(accepting: acceptsIncomplete, name: name)
    }

    /// What it lacks and is taken without; nil: nothing.
    func warning(_ contents: DumpContents) -> MigrationNotice? {
        completeness(contents).warning(name: name, accepting: acceptsIncomplete)
    }

    private func completeness(_ contents: DumpContents) -> DumpCompleteness {
        DumpCompleteness(database: database, contents: contents, isOfInstance: isOfInstance)
    }
}
