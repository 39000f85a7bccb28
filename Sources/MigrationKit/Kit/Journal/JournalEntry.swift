package import MigrationKitFoundation

/// One entry of a migration's journal: an object of its own, `000001.json`, that nobody can replace.
package struct JournalEntry: Sendable, Codable {
    /// Version of the format. A reader refuses one that it does not know.
    package static let currentFormat = 2

    /// Version of the format.
    package var format = currentFormat
    /// Its place in the journal, from 1.
    package var number: Int
    /// When it was written, by the clock of whoever wrote it.
    package var at = Date()
    /// Who wrote it.
    package var by: JournalWriter
    /// SHA-256 of the entry before it, so that none can be changed or taken out unseen; empty for the first.
    package var previous: String
    /// What happened, or is about to.
    package var event: JournalEvent
}

/// One run of a command, as a journal knows it.
public struct JournalWriter: Sendable, Hashable, Codable {
    /// Of this run alone.
    public var run: String
    /// `name@host`, for the next operator to ask.
    public var who: String
    /// The machine's name.
    public var host: String
    /// The machine, since it was started, and which of its processes can be seen; nil where that is not told.
    public var machine: String?
    /// The process there.
    public var process: Int32
    /// The program, with its version.
    public var program = "mi-migrate \(MigrationKitVersion.current)"
}

/// What a journal keeps of a migration.
package enum JournalEvent: Sendable, Codable {
    /// A migration begins: all that follows is about this snapshot and this target. `plan` is the one that it carries out.
    case opened(MigrationIdentity, plan: String?)
    /// The upload that is followed is complete, and what was loaded of it is what its manifest names.
    case sealed(manifest: String)
    /// The writer is at work, and will be until then; `doing` is how far each work is that goes on.
    case working(until: Date, doing: [String]? = nil)
    /// A step begins. `through` is for a load that does not take the only way that its destination knows.
    case began(step: JournaledStep, through: ImportWay? = nil)
    /// An operation of a step is about to be asked for: it is none of those that the server knew before.
    case asking(step: JournaledOperation, after: String?)
    /// The server has made the operation.
    case waiting(step: JournaledOperation, operation: String)
    /// The step is done; `result` says how.
    case finished(step: JournaledStep, result: String)
    /// The step has failed, and has to be done again.
    case failed(step: JournaledStep, error: String)
    /// Somebody has decided that the step is not done.
    case skipped(step: JournaledStep, reason: String)
    /// What a step found out is kept in the journal's folder, in an object of that name.
    case kept(step: JournaledStep, record: String)
    /// What these steps did does not hold any more.
    case undone(steps: [JournaledStep], reason: String)
    /// All of it is done, and proven.
    case completed
    /// The writer has ended, in whatever way, and others may work.
    case released
}

extension JournalEvent {
    private static let textLimit = 10_000

    /// The same with no more text than fits into an entry.
    var bounded: JournalEvent {
        switch self {
        case .failed(let step, let error): .failed(step: step, error: Self.bounded(error))
        case .undone(let steps, let reason): .undone(steps: steps, reason: Self.bounded(reason))
        case .finished(let step, let result): .finished(step: step, result: Self.bounded(result))
        case .skipped(let step, let reason): .skipped(step: step, reason: Self.bounded(reason))
        case .working(let until, let doing): .working(until: until, doing: doing?.map(Self.bounded))
        default: self
        }
    }

    private static func bounded(_ text: String) -> String { String(text.redacted.prefix(textLimit)).printable }
}
