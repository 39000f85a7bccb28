/// What the objects of a split dump are called: in the order in which they are imported, also to whoever sorts them.
package struct PartNames: Sendable, Hashable {
    package let database: Database
    package let isCompressed: Bool
    /// The attempt that stores them; nil: they are called as the dump is.
    package let attempt: AttemptName?

    package init(database: Database, isCompressed: Bool, attempt: AttemptName? = nil) {
        self.database = database
        self.isCompressed = isCompressed
        self.attempt = attempt
    }

    /// The names of which an object's is one, whatever part it is.
    package init(database: Database, of object: String) {
        self.init(database: database, isCompressed: object.hasSuffix(".gz"), attempt: AttemptName(of: object))
    }

    /// - Parameters:
    ///   - kind: What the part is for.
    ///   - number: Which of several of its kind, from 1.
    package func name(_ kind: DumpPart.Kind, _ number: Int = 1) -> String {
        let digits = String(number)
        let place =
            switch kind {
            case .whole: ""
            case .extensions: ".00-extensions"
            case .schema: ".10-schema"
            case .data: Self.data + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            case .indexes: ".30-indexes"
            }
        let name = database.rawValue + place + (isCompressed ? ".sql.gz" : ".sql")
        return attempt?.object(name) ?? name
    }

    private static let data = ".20-data-"

    /// The part that is sent last.
    package var last: String { name(.indexes) }

    /// Whether a name is that of a part.
    package func contains(_ other: String) -> Bool { kind(of: other) != nil }

    /// What the part of a name is for; nil: it is not the name of a part.
    package func kind(of other: String) -> DumpPart.Kind? {
        if let single = [DumpPart.Kind.extensions, .schema, .indexes].first(where: { name($0) == other }) {
            return single
        }
        let numbered = AttemptName.plainName(of: other).dropFirst((database.rawValue + Self.data).count)
        guard let number = Int(numbered.prefix(4)), number > 0, name(.data, number) == other else { return nil }
        return .data
    }
}

extension Database {
    /// Whether an object of this name is of its dump, whole or a part, by whatever attempt.
    package func owns(_ name: String) -> Bool {
        storedNames.contains(AttemptName.plainName(of: name)) || PartNames(database: self, of: name).contains(name)
    }
}
