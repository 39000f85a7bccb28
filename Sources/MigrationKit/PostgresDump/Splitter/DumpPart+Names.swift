/// What the objects of a split dump are called: in the order in which they are imported, also to whoever sorts them.
package struct PartNames: Sendable, Hashable {
    package let database: Database
    package let isCompressed: Bool

    package init(database: Database, isCompressed: Bool) {
        self.database = database
        self.isCompressed = isCompressed
    }

    /// - Parameters:
    ///   - kind: What the part is for.
    ///   - number: Which of several of its kind, from 1.
    package func name(_ kind: DumpPart.Kind, _ number: Int = 1) -> String {
        let stem: String
        switch kind {
        case .whole: stem = database.rawValue
        case .extensions: stem = "\(database.rawValue).00-extensions"
        case .schema: stem = "\(database.rawValue).10-schema"
        case .data:
            let digits = String(number)
            stem = "\(database.rawValue).20-data-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        case .indexes: stem = "\(database.rawValue).30-indexes"
        }
        return stem + (isCompressed ? ".sql.gz" : ".sql")
    }

    /// The part that is sent last.
    package var last: String { name(.indexes) }

    /// Whether a name is that of a part.
    package func contains(_ other: String) -> Bool {
        if [.extensions, .schema, .indexes].contains(where: { name($0) == other }) { return true }
        guard let number = Int(other.dropFirst("\(database.rawValue).20-data-".count).prefix(4)) else { return false }
        return number > 0 && name(.data, number) == other
    }
}

extension Database {
    /// The names of the parts that its dump may be split into.
    var partNames: [PartNames] { [false, true].map { PartNames(database: self, isCompressed: $0) } }

    /// Whether an object of this name is of its dump, whole or a part.
    package func owns(_ name: String) -> Bool { storedNames.contains(name) || partNames.contains { $0.contains(name) } }
}
