package import MigrationKitFoundation

/// The time in which nobody could work with the instance: from the freeze until it was handed over.
package struct MigrationWindow: Sendable, Hashable, Codable {
    /// When the freeze began.
    package var beganAt: Date
    /// When the last step was done.
    package var endedAt: Date
    /// Seconds that its steps took by themselves, one after the other: what is done at the same time is counted each.
    package var secondsOneByOne: Double

    /// Seconds of the window.
    package var seconds: Double { max(0, endedAt.timeIntervalSince(beganAt)) }

    /// Reads it off a journal.
    ///
    /// - Returns: Nil where a step is left to do, or the instance was not stopped.
    init?(_ journal: JournalState) {
        guard journal.openRestore == nil, journal.way.allSatisfy({ journal.progress(of: $0).isOver }),
            let freeze = journal.step(JournaledStep(.freeze)), freeze.skipped == nil
        else { return nil }
        let parts = MigrationStep.allCases.flatMap(journal.parts).filter { $0.skipped == nil && $0.finishedAt != nil }
        beganAt = freeze.beganAt
        endedAt = parts.compactMap(\.finishedAt).max() ?? freeze.beganAt
        secondsOneByOne = parts.reduce(0) { seconds, part in
            seconds + max(0, (part.finishedAt ?? part.beganAt).timeIntervalSince(part.beganAt))
        }
    }
}

extension MigrationWindow: CustomStringConvertible {
    /// `14 min 3 s; one after the other, its steps would have taken 20 min`.
    package var description: String {
        let text = Quantity.duration(.seconds(seconds))
        // A second is what starting and noting take.
        guard secondsOneByOne > seconds + 1 else { return text }
        return "\(text); one after the other, its steps would have taken "
            + Quantity.duration(.seconds(secondsOneByOne))
    }
}
