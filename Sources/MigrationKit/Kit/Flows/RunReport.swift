package import MigrationKitFoundation

/// What a run of the whole way has come to: its steps, each with how it ended and how long it took.
public struct RunReport: Sendable, Encodable {
    /// The steps in their order.
    package var steps: [Step]
    /// A return to the copy of the databases that has not come to its end; nil: there is none.
    package var restore: Restore?
    /// How long the instance was frozen; nil where it is not handed over, or was not stopped.
    package var window: MigrationWindow?
    /// Whether all steps are done, or left out for a reason.
    public var isComplete: Bool

    /// A return to the copy of the databases that has not come to its end.
    package struct Restore: Sendable, Hashable, Codable {
        /// Whether it has failed, or only begun.
        package var state: StepProgress
        /// When it began.
        package var beganAt: Date
        /// Why it failed.
        package var error: String?
    }

    /// A step.
    package struct Step: Sendable, Hashable, Codable {
        /// Which.
        package var step: MigrationStep
        /// How far it is.
        package var state: StepProgress
        /// When it began first.
        package var beganAt: Date?
        /// When its last part was done.
        package var finishedAt: Date?
        /// Seconds from its beginning to its end, over all runs.
        package var seconds: Double?
        /// How it ended, or why not.
        package var result: String?

        enum CodingKeys: String, CodingKey {
            case step = "name"
            case state, beganAt, finishedAt, seconds, result
        }
    }

    /// Reads the steps off a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the migration stands.
    ///   - until: The last step that was wanted.
    init(journal: JournalState, until: MigrationStep = .notice) {
        steps = journal.way.filter { $0 <= until }.map { Step($0, in: journal) }
        restore = journal.openRestore.map { Restore(state: $0.progress, beganAt: $0.beganAt, error: $0.error) }
        window = MigrationWindow(journal)
        isComplete = restore == nil && steps.allSatisfy(\.state.isOver)
    }

    /// The steps as a table.
    public var table: String {
        var table = TextTable(["step", "state", "took", ""], rightAligned: [2])
        for step in steps {
            let took = step.seconds.map { Quantity.duration(.seconds($0)) } ?? ""
            table.add([step.step.rawValue, step.state.rawValue, took, step.result ?? ""])
        }
        if let restore { table.add(["\(JournaledStep.restore)", restore.state.rawValue, "", restore.error ?? ""]) }
        return table.text
    }
}

extension RunReport.Step {
    fileprivate init(_ step: MigrationStep, in journal: JournalState) {
        let parts = journal.parts(of: step)
        self.init(step: step, state: journal.progress(of: step))
        beganAt = parts.map(\.beganAt).min()
        finishedAt = state.isOver ? parts.compactMap(\.finishedAt).max() : nil
        if let beganAt, let finishedAt { seconds = finishedAt.timeIntervalSince(beganAt) }
        let names = NamedObjects.list(parts.map(\.name.part).filter { !$0.isEmpty })
        result =
            parts.compactMap(\.skipped).first ?? parts.compactMap(\.error).first
            ?? (parts.count == 1 ? parts[0].result : names.isEmpty ? nil : names)
    }
}
