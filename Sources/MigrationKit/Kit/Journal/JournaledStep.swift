/// A step as a journal knows it: which, what it is done to, and which part of that.
///
/// Its text is its key in the journal: `freeze`, `reset pgsql`, `load primary.sql`, `upgrade up`. It is written and read
/// here alone.
public struct JournaledStep: Sendable, Hashable {
    /// The step; nil for ``restore``, which is not on the way.
    public var step: MigrationStep?
    /// What it is done to; nil: to all there is.
    public var subject: Subject?
    /// Which part of it: a command of the migrator.
    public var detail: String?

    /// What a step is done to.
    public enum Subject: Sendable, Hashable {
        /// A database.
        case database(Database)
        /// A dump, or an object with a part of one.
        case dump(String)
    }

    /// Names a step; see the properties.
    public init(_ step: MigrationStep?, _ subject: Subject? = nil, detail: String? = nil) {
        (self.step, self.subject, self.detail) = (step, subject, detail)
    }

    /// The return to a copy of the databases.
    public static let restore = JournaledStep(nil)

    /// The load of a dump, or of an object with a part of one.
    public static func load(_ object: String) -> JournaledStep { JournaledStep(.load, .dump(object)) }

    /// Whether what it did is gone with a return to the copy: that was made before the upgrade, and the proxy and the mark
    /// may be gone, too.
    var isUndoneByRestore: Bool { step.map { $0 >= .upgrade || $0 == .proxy || $0 == .match } ?? false }

    /// Whether it stands for all of its step.
    public var isWhole: Bool { subject == nil && detail == nil }

    /// What tells it from other parts of its step: `primary.sql`; empty if it is all of it.
    var part: String { [subject?.description, detail].compactMap(\.self).joined(separator: " ") }
}

extension MigrationStep {
    /// The step, done to one database.
    public func of(_ database: Database) -> JournaledStep { JournaledStep(self, .database(database)) }
}

// MARK: Text

extension JournaledStep: LosslessStringConvertible {
    private static let restoreName = "restore"

    /// Its key in the journal.
    public var description: String {
        let name = step?.rawValue ?? Self.restoreName
        return isWhole ? name : "\(name) \(part)"
    }

    /// Reads a key of the journal.
    ///
    /// - Returns: Nil for a text that is not one.
    public init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let step = words.first.flatMap(MigrationStep.init(rawValue:))
        guard step != nil || words.first == Self.restoreName else { return nil }
        self.init(step)
        guard words.count == 2 else { return }
        switch step {
        case .load: subject = .dump(words[1])
        case .reset, .extensions, .prove, .analyze:
            guard let database = Database(anyName: words[1]) else { return nil }
            subject = .database(database)
        default: detail = words[1]
        }
    }
}

extension JournaledStep.Subject: CustomStringConvertible {
    /// A database by its name on the server, a dump by its own.
    public var description: String {
        switch self {
        case .database(let database): database.importedName
        case .dump(let name): name
        }
    }
}

/// An operation that a step has a server or an instance do, as a journal knows it: `load primary.sql/import`.
package struct JournaledOperation: Sendable, Hashable {
    /// The step.
    package var step: JournaledStep
    /// What the step calls it.
    package var name: String

    /// Names an operation; see the properties.
    package init(_ step: JournaledStep, _ name: String) { (self.step, self.name) = (step, name) }
}

extension JournaledOperation: LosslessStringConvertible {
    /// Its key in the journal.
    package var description: String { "\(step)/\(name)" }

    /// Reads a key of the journal.
    ///
    /// - Returns: Nil for a text that is not one.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let step = JournaledStep(parts[0]) else { return nil }
        self.init(step, parts[1])
    }
}

// MARK: JSON

extension JournaledStep: Codable {
    /// Reads the key.
    public init(from decoder: any Decoder) throws { self = try decoder.losslessText() }
    /// Writes the key.
    public func encode(to encoder: any Encoder) throws { try encoder.write(text: self) }
}

extension JournaledOperation: Codable {
    /// Reads the key.
    package init(from decoder: any Decoder) throws { self = try decoder.losslessText() }
    /// Writes the key.
    package func encode(to encoder: any Encoder) throws { try encoder.write(text: self) }
}

extension Decoder {
    fileprivate func losslessText<Value: LosslessStringConvertible>() throws -> Value {
        let values = try singleValueContainer()
        let text = try values.decode(String.self)
        guard let value = Value(text) else {
            throw DecodingError.dataCorruptedError(in: values, debugDescription: "`\(text)` is not a step.")
        }
        return value
    }
}

extension Encoder {
    fileprivate func write(text: some LosslessStringConvertible) throws {
        var values = singleValueContainer()
        try values.encode(text.description)
    }
}
