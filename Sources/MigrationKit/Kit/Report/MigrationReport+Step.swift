internal import Foundation

extension MigrationReport {
    /// A step of the migration, with its parts.
    public struct Step: Sendable, Hashable, Codable {
        /// Which.
        public var step: MigrationStep
        /// How far it is.
        public var state: State
        /// Its parts by their names in the journal, in the order in which they began: `load primary.sql`.
        public var parts: [Part]

        /// Those that say how far the step is: itself where it is in the journal as a whole, else all of its parts.
        public var deciding: [Part] { parts.filter { $0.name == step.rawValue }.isEmpty ? parts : [parts[whole]] }

        private var whole: Int { parts.firstIndex { $0.name == step.rawValue } ?? 0 }

        /// Seconds that its attempts took.
        public var seconds: Double { deciding.reduce(0) { $0 + $1.seconds } }
    }

    /// How far a step is, or a part of one.
    public enum State: String, Sendable, Codable {
        /// It is done.
        case done
        /// Somebody has decided that it is not done.
        case leftOut = "left out"
        /// It has failed, and was not tried again.
        case failed
        /// Somebody is at it.
        case atWork = "at work"
        /// It was begun, and nobody is at it any more.
        case stopped
        /// Some of its parts are done.
        case begun
        /// It has not begun, or what it did does not hold any more.
        case toDo = "to do"
    }

    /// A part of a step, or a step that has none.
    public struct Part: Sendable, Hashable, Codable {
        /// Its name in the journal.
        public var name: String
        /// Each time that it was begun, or left out.
        public var attempts: [Attempt]
        /// Bytes that it works on: of the objects that are loaded, or of the dump that is proven.
        public var bytes: Int64?

        /// How far it is.
        public var state: State {
            guard let last = attempts.last else { return .toDo }
            return last.undone != nil && last.outcome == .done ? .toDo : last.outcome
        }

        /// Seconds of all attempts.
        public var seconds: Double { attempts.reduce(0) { $0 + ($1.seconds ?? 0) } }

        /// Bytes a second of the attempt that did it; nil where nothing is known of bytes, or it is not done.
        public var rate: Double? {
            guard let bytes, bytes >= 0, let seconds = attempts.last(where: { $0.outcome == .done })?.seconds,
                seconds > 0
            else { return nil }
            return Double(bytes) / seconds
        }
    }

    /// One time that a part was begun.
    public struct Attempt: Sendable, Hashable, Codable {
        /// When.
        public var beganAt: String
        /// When it was over, as far as anybody knows; nil while somebody is at it.
        public var endedAt: String?
        /// What came of it: ``State/done``, ``State/leftOut``, ``State/failed``, ``State/atWork`` or ``State/stopped``.
        public var outcome: State
        /// How it went, why it failed, or why it was left out.
        public var text: String?
        /// Why what it did does not hold any more; nil: it does.
        public var undone: String?
        /// Which of the runs it was, from 0.
        public var run: Int

        /// How long it took: never less than nothing, though two machines' clocks may say so.
        public var seconds: Double? {
            guard let begin = JSONText.time(beganAt), let end = endedAt.flatMap(JSONText.time) else { return nil }
            return max(0, end.timeIntervalSince(begin))
        }
    }
}

extension MigrationReport.Step {
    /// - Parameters:
    ///   - databases: How many databases are migrated: so many parts at least has a step that is done to each.
    ///   - isImported: Whether all of the import is done.
    init(_ step: MigrationStep, _ parts: [MigrationReport.Part], databases: Int, isImported: Bool) {
        self.init(step: step, state: .toDo, parts: parts)
        state = state(deciding.map(\.state), databases: databases, isImported: isImported)
    }

    private func state(
        _ states: [MigrationReport.State], databases: Int, isImported: Bool
    ) -> MigrationReport.State {
        if let worst = [.failed, .atWork, .stopped].first(where: states.contains) { return worst }
        if MigrationStep.ofImport.contains(step), isImported {
            return states.contains(.leftOut) ? .leftOut : .done
        }
        if states.allSatisfy({ $0 == .toDo }) { return .toDo }
        let isOfEach = [.reset, .load, .prove, .analyze].contains(step)
        guard !states.contains(.toDo), !isOfEach || states.count >= databases else { return .begun }
        return states.contains(.leftOut) ? .leftOut : .done
    }
}
