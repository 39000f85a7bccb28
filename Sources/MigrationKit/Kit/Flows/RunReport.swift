internal import Foundation

/// What a run of the whole way has come to: its steps, each with how it ended and how long it took.
public struct RunReport: Sendable, Encodable {
    /// The steps in their order.
    public var steps: [Step]
    /// Whether all steps are done, or left out for a reason.
    public var isComplete: Bool

    /// A step.
    public struct Step: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// `done`, `skipped`, `failed`, `begun` or `to do`.
        public var state: String
        /// When it began first.
        public var beganAt: String?
        /// When its last part was done.
        public var finishedAt: String?
        /// Seconds from its beginning to its end, over all runs.
        public var seconds: Double?
        /// How it ended, or why not.
        public var result: String?
    }

    /// Reads the steps off a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the migration stands.
    ///   - until: The last step that was wanted.
    init(journal: JournalState, until: MigrationStep = .notice) {
        let wanted = MigrationStep.allCases.filter { step in
            step <= until && step != .validate && (step != .backup || !journal.parts(of: step).isEmpty)
        }
        steps = wanted.map { Step($0, journal.parts(of: $0), isDone: journal.isDone($0)) }
        isComplete = steps.allSatisfy { $0.state == "done" || $0.state == "skipped" }
    }

    /// The steps as a table.
    public var table: String {
        var table = TextTable(["step", "state", "took", ""], rightAligned: [2])
        for step in steps {
            let took = step.seconds.map { Quantity.duration(.seconds($0)) } ?? ""
            table.add([step.name, step.state, took, step.result ?? ""])
        }
        return table.text
    }
}

extension RunReport.Step {
    fileprivate init(_ step: MigrationStep, _ parts: [JournalState.Step], isDone: Bool) {
        name = step.rawValue
        let skipped = parts.compactMap(\.skipped).first
        let error = parts.compactMap(\.error).first
        let isToDo = !isDone && parts.allSatisfy(\.isUndone)
        state = isToDo ? "to do" : isDone ? (skipped == nil ? "done" : "skipped") : error == nil ? "begun" : "failed"
        beganAt = parts.map(\.beganAt).min()
        finishedAt = isDone ? parts.compactMap(\.finishedAt).max() : nil
        if let begin = beganAt.flatMap(JSONText.time), let end = finishedAt.flatMap(JSONText.time) {
            seconds = end.timeIntervalSince(begin)
        }
        let names = parts.map { String($0.name.dropFirst(step.rawValue.count + 1)) }.joined(separator: ", ")
        result = skipped ?? error ?? (parts.count == 1 ? parts[0].result : names.isEmpty ? nil : names)
    }
}

extension JournalState {
    /// The parts of a step, in the order in which they began: `load primary.sql`, `load codeintel.sql`.
    func parts(of step: MigrationStep) -> [Step] {
        let all = steps.filter { MigrationStep(journaled: $0.name) == step }
        // One that stands for all of its parts says what they came to.
        return all.first { $0.name == step.rawValue }.map { [$0] } ?? all
    }

    /// Whether a step is done or left out, with all of its parts as far as they are known.
    func isDone(_ step: MigrationStep) -> Bool {
        if MigrationStep.ofImport.contains(step), completedAt != nil { return true }
        let parts = parts(of: step)
        // Parts of a split dump make their extensions themselves.
        if step == .extensions, parts.isEmpty { return isDone(.load) }
        return !parts.isEmpty && parts.allSatisfy { $0.finishedAt != nil }
    }
}
