/// `mi-migrate status`: what the journal tells of an import, and what is still to be done.
public struct MigrationStatus: Sendable, Encodable {
    /// The destination's name.
    public var server: String
    /// When the import began; nil before it has.
    public var openedAt: String?
    /// When all of it was done; nil if it is not.
    public var completedAt: String?
    /// Who works on it, and until when others keep away; nil: nobody.
    public var holder: String?
    /// The steps in their order.
    public var steps: [Step]
    /// The step that comes next; nil if nothing is left.
    public var next: String?
    /// SHA-256 of the journal.
    public var journal: String

    /// A step.
    public struct Step: Sendable, Encodable {
        /// Its name.
        public var name: String
        /// `done`, `begun`, `failed` or `to do`.
        public var state: String
        /// When it last began or was done.
        public var at: String?
        /// Who began it.
        public var who: String?
        /// How it ended, or why it failed; for what is still to be done, what it destroys.
        public var result: String?

        fileprivate var isOver: Bool { state == "done" || state == "skipped" }
    }

    /// Reads journal and manifest.
    ///
    /// - Throws: ``MigrationError`` if one of them cannot be read.
    public init(
        store: any ObjectStore, importer: any DatabaseImporter, journal: MigrationJournal, databases: [Database]
    ) async throws {
        try await journal.read()
        let state = await journal.state
        let manifest = try await SnapshotManifest(readFrom: store)
        let dumps = manifest.databases.filter { databases.contains($0.database) }
        let snapshot = ImportedSnapshot(.init(manifest: manifest, dumps: dumps), byPart: importer.fetchesObjects)
        server = importer.serverName
        openedAt = state.openedAt
        completedAt = state.completedAt
        self.journal = await journal.hash
        let writer = journal.writer
        holder = state.holder.flatMap { $0.isAtWork(beside: writer) ? "\($0.writer.who), until \($0.until)" : nil }
        steps = MigrationStep.names(of: snapshot, backsUp: state.step(MigrationStep.backup.rawValue) != nil).map {
            name in
            guard let step = state.step(name) else { return Step(name: name, state: "to do", result: Self.loss(name)) }
            return Step(step)
        }
        let others = state.steps.filter { step in
            MigrationStep(journaled: step.name).map { !MigrationStep.ofImport.contains($0) } == true
        }
        let freeze = others.filter { $0.name == MigrationStep.freeze.rawValue }
        steps = freeze.map { Step($0) } + steps + others.filter { !freeze.contains($0) }.map { Step($0) }
        next = steps.first { !$0.isOver }?.name
        if completedAt != nil, !others.isEmpty {
            let whole = RunReport(journal: state).steps
            next = whole.first { !["done", "skipped"].contains($0.state) }?.name
        }
    }

    private static func loss(_ name: String) -> String? {
        name.hasPrefix("\(MigrationStep.reset.rawValue) ") ? "drops the database and all that is in it" : nil
    }

    /// The steps as a table.
    public var table: String {
        var table = TextTable(["step", "state", "at", "by", ""])
        for step in steps {
            table.add([step.name, step.state, step.at ?? "", step.who ?? "", step.result ?? ""].map(\.printable))
        }
        return table.text
    }

    /// What there is to know besides, in a sentence or two.
    public var summary: String {
        let next = next.map { " Next: \($0)." } ?? ""
        let text =
            if let completedAt {
                "The import into \(server) was done, and proven, at \(completedAt)."
                    + next
            } else if openedAt == nil {
                "No import into \(server) has begun."
            } else {
                "\(steps.count { $0.state == "done" }) of \(steps.count) steps are done." + next
            }
        return (text + (holder.map { " At work: \($0)." } ?? "")).printable
    }
}

extension MigrationStatus.Step {
    fileprivate init(_ step: JournalState.Step) {
        let isDone = step.finishedAt != nil
        self.init(
            name: step.name,
            state: isDone
                ? (step.skipped == nil ? "done" : "skipped")
                : step.error == nil ? "begun" : step.isUndone ? "to do" : "failed",
            at: step.finishedAt ?? step.beganAt, who: step.who, result: step.skipped ?? step.error ?? step.result)
    }
}
