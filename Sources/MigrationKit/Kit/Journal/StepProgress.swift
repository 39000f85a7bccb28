/// How far a step is, or a part of one. `mi-migrate status`, the table of a run, the report and their JSON use these words.
package enum StepProgress: String, Sendable, Codable {
    /// It is done.
    case done
    /// Somebody has decided that it is not done.
    case skipped
    /// It has failed, and was not tried again.
    case failed
    /// Somebody is working on it.
    case atWork = "at work"
    /// It was begun, and nobody is working on it any more.
    case stopped
    /// It was begun, or some of its parts are done.
    case begun
    /// It has not begun, or what it did does not hold any more.
    case toDo = "to do"

    /// The state of that name; in reports of earlier versions, a skipped step is `left out`.
    package init?(rawValue name: String) {
        let all: [StepProgress] = [.done, .skipped, .failed, .atWork, .stopped, .begun, .toDo]
        let name = name == "left out" ? "skipped" : name
        guard let state = all.first(where: { $0.rawValue == name }) else { return nil }
        self = state
    }

    /// Whether nothing is left to do.
    package var isOver: Bool { self == .done || self == .skipped }

    /// How far a step is, by how far its parts are.
    ///
    /// - Parameters:
    ///   - step: The step.
    ///   - databases: How many databases are migrated: a step that is done to each has at least as many parts.
    ///   - isImported: Whether all of the import is done.
    ///   - parts: How far the parts of a step are, those that have begun.
    init(of step: MigrationStep, databases: Int, isImported: Bool, parts: (MigrationStep) -> [StepProgress]) {
        let states = parts(step)
        if let worst = [.failed, .atWork, .stopped].first(where: states.contains) {
            self = worst
        } else if isImported, MigrationStep.ofImport.contains(step) {
            self = states.contains(.skipped) ? .skipped : .done
        } else if step == .extensions, states.isEmpty {
            // Parts of a split dump make their extensions themselves.
            let load = StepProgress(of: .load, databases: databases, isImported: isImported, parts: parts)
            self = load.isOver ? load : .toDo
        } else if states.allSatisfy({ $0 == .toDo }) {
            self = .toDo
        } else if !states.allSatisfy(\.isOver) || (step.isDoneToEachDatabase && states.count < databases) {
            self = .begun
        } else {
            self = states.contains(.skipped) ? .skipped : .done
        }
    }
}

extension MigrationStep {
    /// The steps that a migration has to go through, in their order, as far as they are told of.
    ///
    /// - Parameter parts: How far the parts of a step are, those that have begun.
    static func way(parts: (MigrationStep) -> [StepProgress]) -> [MigrationStep] {
        allCases.filter { step in
            switch step {
            case .validate: false
            case .backup: !parts(step).isEmpty
            // A version that did not have it has upgraded without.
            case .match: !parts(step).isEmpty || parts(.upgrade).allSatisfy { $0 == .toDo }
            default: true
            }
        }
    }
}

extension JournalState {
    /// The steps that the migration has to go through, in their order.
    var way: [MigrationStep] { MigrationStep.way { parts(of: $0).map(\.progress) } }

    /// How far a step is, with all of its parts.
    func progress(of step: MigrationStep) -> StepProgress {
        StepProgress(of: step, databases: identity?.databases.count ?? 0, isImported: completedAt != nil) {
            parts(of: $0).map(\.progress)
        }
    }

    /// The parts of a step, in the order in which they began: `load primary.sql`, `load codeintel.sql`.
    func parts(of step: MigrationStep) -> [Step] {
        let all = steps.filter { $0.name.step == step }
        // One that stands for all of its parts says what they came to.
        return all.first { $0.name.isWhole }.map { [$0] } ?? all
    }
}

extension JournalState.Step {
    /// How far it is.
    package var progress: StepProgress {
        if finishedAt != nil { return skipped == nil ? .done : .skipped }
        return isUndone ? .toDo : error == nil ? .begun : .failed
    }
}
