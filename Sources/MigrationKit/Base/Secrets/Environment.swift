extension [String: String] {
    /// A variable's value; an empty one is none.
    package func value(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value of a variable that names a path, a host or a project.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if it is a secret by its form.
    package func place(_ name: String) throws -> String? {
        let value = value(name)
        if let value { try MisplacedSecret.refuse(value, as: name) }
        return value
    }
}
