package import MigrationKitFoundation

/// `mi-migrate status`: what the journal tells of an import, and what is still to be done.
package struct MigrationStatus: Sendable, Encodable {
    /// The destination's name.
    package var server: String
    /// When the import began; nil before it has.
    package var openedAt: Date?
    /// When all of it was done; nil if it is not.
    package var completedAt: Date?
    /// Who works on it, and until when others keep away; nil: nobody.
    package var holder: String?
    /// How far each work is, as whoever works on it has last said.
    package var doing: [String]
    /// When that was said.
    package var seenAt: Date?
    /// The steps in their order.
    package var steps: [Step]
    /// The step that comes next; nil if nothing is left.
    package var next: JournaledStep?
    /// SHA-256 of the journal.
    package var journal: String
    /// Which upload is followed that is not complete, and since when it is waited for, in a sentence; nil: none is.
    package var following: String?
    /// Whether a return to the copy of the databases has begun, and not come to its end.
    package var isRestoreOpen: Bool

    /// Whether it is the journal of a run of the whole way, and not of an import alone.
    package var isRun: Bool {
        steps.contains { $0.name.step.map { !MigrationStep.ofImport.contains($0) } ?? false }
    }

    /// A step.
    package struct Step: Sendable, Encodable {
        /// Its name.
        package var name: JournaledStep
        /// How far it is.
        package var state: StepProgress
        /// When it last began or was done.
        package var at: Date?
        /// Who began it.
        package var who: String?
        /// How it ended, or why it failed; for what is still to be done, what it destroys.
        package var result: String?
    }

    /// Reads journal and manifest.
    ///
    /// - Throws: ``MigrationError`` if one of them cannot be read.
    package init(
        store: any ObjectStore, importer: any DatabaseImporter, journal: MigrationJournal, databases: [Database]
    ) async throws {
        try await journal.read()
        let state = await journal.state
        let writer = journal.writer
        let worker = state.holder.flatMap { $0.isAtWork(beside: writer) ? $0 : nil }
        holder = worker.map { "\($0.writer.who), until \(TimeText.seconds($0.until))" }
        (doing, seenAt) = (worker?.doing ?? [], worker?.seenAt)
        following = state.following
        let ofImport: [JournaledStep]
        if following != nil || holder != nil, try await !store.list().contains(SnapshotManifest.name) {
            ofImport = state.steps.map(\.name).filter { $0.step.map(MigrationStep.ofImport.contains) == true }
        } else {
            let manifest = try await SnapshotManifest(readFrom: store)
            let dumps = manifest.databases.filter { databases.contains($0.database) }
            let snapshot = ImportedSnapshot(.init(manifest: manifest, dumps: dumps), for: importer)
            ofImport = snapshot.steps(backsUp: state.step(JournaledStep(.backup)) != nil)
        }
        server = importer.serverName
        openedAt = state.openedAt
        completedAt = state.completedAt
        self.journal = await journal.hash
        let begun = state.steps.map(\.name).filter { $0.step.map(MigrationStep.ofImport.contains) == false }
        // Of a run, which begins before the import, all steps are told, also those that have not begun.
        let coming = state.way.filter { step in
            !begun.isEmpty && !MigrationStep.ofImport.contains(step) && !begun.contains { $0.step == step }
        }
        let others = begun + coming.map { JournaledStep($0) }
        let restores = state.steps.filter { $0.name.step == nil && $0.progress != .toDo }.map(\.name)
        let names = MigrationStep.allCases.flatMap { step in (ofImport + others).filter { $0.step == step } } + restores
        steps = names.map { Step($0, in: state) }
        isRestoreOpen = state.openRestore != nil
        next = steps.first { !$0.state.isOver }?.name
        if completedAt != nil, !others.isEmpty {
            next = RunReport(journal: state).steps.first { !$0.state.isOver }.map { JournaledStep($0.step) }
        }
        if isRestoreOpen { next = .restore }
    }

    /// The steps as a table.
    package var table: String {
        var table = TextTable(["step", "state", "at", "by", ""])
        for step in steps {
            table.add(
                [
                    step.name.description, step.state.rawValue, step.at.map(TimeText.exact) ?? "", step.who ?? "",
                    step.result ?? "",
                ].map(
                    \.printable))
        }
        return table.text
    }

    /// How far each work is, a line each; empty where nobody works, or has not said yet.
    package var live: String {
        guard let seenAt, !doing.isEmpty else { return "" }
        return "At \(TimeText.seconds(seenAt)):\n" + doing.map { "  \($0.printable)" }.joined(separator: "\n")
    }

    /// What there is to know besides, in a sentence or two.
    package var summary: String {
        let next = next.map { " Next: \($0)." } ?? ""
        let text =
            if isRestoreOpen {
                "Restoring the databases of \(server) was started and has not finished."
                    + (holder == nil ? " \(RestoreDatabases.wayOut)" : "")
            } else if let completedAt {
                "The import into \(server) was completed and proven at \(TimeText.minutes(completedAt))."
                    + next
            } else if openedAt == nil {
                "No import into \(server) has started."
            } else if let following {
                following
            } else {
                "\(steps.count { $0.state == .done }) of \(steps.count) steps are done." + next
            }
        return (text + (holder.map { " Running: \($0)." } ?? "")).printable
    }
}

extension JournalState {
    /// Which upload is followed that is not complete, and since when it is waited for, in a sentence; nil: none is.
    fileprivate var following: String? {
        guard let attempt = identity?.attempt, identity?.manifest == nil else { return nil }
        let loads = steps.filter { $0.name.step == .load }.compactMap(\.finishedAt)
        let last = loads.max().map { ", the last at \(TimeText.minutes($0))" } ?? ""
        return "Following \(attempt), which is not complete. Parts that are loaded: \(loads.count)\(last)."
    }
}

extension MigrationStatus.Step {
    fileprivate init(_ name: JournaledStep, in journal: JournalState) {
        guard let step = journal.step(name) else {
            let loss = name.step == .reset ? "drops the database and all that is in it" : nil
            self.init(name: name, state: .toDo, result: loss)
            return
        }
        self.init(
            name: name, state: step.progress, at: step.finishedAt ?? step.beganAt, who: step.who,
            result: step.skipped ?? step.error ?? step.result)
    }
}
