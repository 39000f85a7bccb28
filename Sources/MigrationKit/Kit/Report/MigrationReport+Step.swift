package import MigrationKitFoundation

extension MigrationReport {
    /// A step of the migration, with its parts.
    package struct Step: Sendable, Hashable, Codable {
        /// Which.
        package var step: MigrationStep
        /// How far it is.
        package var state: StepProgress
        /// Its parts by their names in the journal, in the order in which they began: `load primary.sql`.
        package var parts: [Part]

        /// Those that say how far the step is: itself where it is in the journal as a whole, else all of its parts.
        package var deciding: [Part] { parts.first { $0.name.isWhole }.map { [$0] } ?? parts }

        /// Seconds that its attempts took; what several took at the same time counts once.
        package var seconds: Double { deciding.flatMap(\.attempts).secondsCovered }
    }

    /// A part of a step, or a step that has none.
    package struct Part: Sendable, Hashable, Codable {
        /// Its name in the journal.
        package var name: JournaledStep
        /// Each time that it was begun, or skipped.
        package var attempts: [Attempt]
        /// Bytes that it works on: of the objects that are loaded, or of the dump that is proven.
        package var bytes: Int64?

        /// How far it is.
        package var state: StepProgress {
            guard let last = attempts.last else { return .toDo }
            return last.undone != nil && last.outcome == .done ? .toDo : last.outcome
        }

        /// Seconds of all attempts.
        package var seconds: Double { attempts.reduce(0) { $0 + ($1.seconds ?? 0) } }

        /// Bytes a second of the attempt that did it; nil where nothing is known of bytes, or it is not done.
        package var rate: Double? {
            guard let bytes, bytes >= 0, let seconds = attempts.last(where: { $0.outcome == .done })?.seconds,
                seconds > 0
            else { return nil }
            return Double(bytes) / seconds
        }
    }

    /// One time that a part was begun.
    package struct Attempt: Sendable, Hashable, Codable {
        /// When.
        package var beganAt: Date
        /// When it was over, as far as anybody knows; nil while somebody is at it.
        package var endedAt: Date?
        /// What came of it: `done`, `skipped`, `failed`, `atWork` or `stopped`.
        package var outcome: StepProgress
        /// How it went, why it failed, or why it was skipped.
        package var text: String?
        /// Why what it did does not hold any more; nil: it does.
        package var undone: String?
        /// Which of the runs it was, from 0.
        package var run: Int

        /// How long it took: never less than nothing, though two machines' clocks may say so.
        package var seconds: Double? {
            endedAt.map { max(0, $0.timeIntervalSince(beganAt)) }
        }
    }
}

extension [MigrationReport.Attempt] {
    /// Seconds in which at least one of them was at work.
    var secondsCovered: Double {
        var (covered, end) = (0.0, Date.distantPast)
        for attempt in sorted(by: { $0.beganAt < $1.beganAt }) {
            guard let endedAt = attempt.endedAt, endedAt > end else { continue }
            covered += endedAt.timeIntervalSince(Swift.max(end, attempt.beganAt))
            end = endedAt
        }
        return covered
    }
}

extension MigrationReport.Step {
    /// The steps that a report has, in their order.
    ///
    /// - Parameters:
    ///   - parts: Their parts, those that have begun.
    ///   - databases: How many databases are migrated.
    ///   - isImported: Whether all of the import is done.
    static func all(_ parts: [MigrationReport.Part], databases: Int, isImported: Bool) -> [Self] {
        let steps = Dictionary(grouping: parts, by: \.name.step).compactMapValues { parts in
            parts.first?.name.step.map { Self(step: $0, state: .toDo, parts: parts) }
        }
        func progress(of step: MigrationStep) -> [StepProgress] { steps[step]?.deciding.map(\.state) ?? [] }
        return MigrationStep.way(parts: progress).map { step in
            let state = StepProgress(of: step, databases: databases, isImported: isImported, parts: progress)
            return Self(step: step, state: state, parts: steps[step]?.parts ?? [])
        }
    }
}
