extension UpgradePath: Codable {
    private enum CodingKeys: String, CodingKey {
        case from, to, postgresMajor, migrator, kind, databases, minors, stops, dueMigrations, commands, warnings
    }

    /// Finds the way again and holds it against what is written: a file that was altered, or written by a program that
    /// knows other releases, says nothing that would be done unseen.
    ///
    /// - Throws: A ``MigrationError`` if there is no way, a `DecodingError` if it is another one.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            from: values.decode(SourcegraphVersion.self, forKey: .from).description,
            to: values.decode(SourcegraphVersion.self, forKey: .to).description,
            postgresMajor: values.decodeIfPresent(Int.self, forKey: .postgresMajor),
            migrator: values.decodeIfPresent(SourcegraphVersion.self, forKey: .migrator)?.description,
            // One that was written before an instance could lack any.
            databases: values.decodeIfPresent([Database].self, forKey: .databases) ?? Database.allCases)
        let isSame =
            try values.decode(Kind.self, forKey: .kind) == kind
            && values.decode([SourcegraphVersion].self, forKey: .minors) == minors
            && values.decode([Stop].self, forKey: .stops) == stops
            && values.decode([MigratorCommand].self, forKey: .commands) == commands
        guard isSame else {
            throw DecodingError.dataCorruptedError(
                forKey: .commands, in: values,
                debugDescription: "The upgrade path from \(from) to \(to) is a different one.")
        }
    }

    /// Writes all of it, also what follows from the releases, for people and other programs.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(from, forKey: .from)
        try values.encode(to, forKey: .to)
        try values.encodeIfPresent(postgresMajor, forKey: .postgresMajor)
        try values.encodeIfPresent(migrator, forKey: .migrator)
        try values.encode(kind, forKey: .kind)
        try values.encode(databases, forKey: .databases)
        try values.encode(minors, forKey: .minors)
        try values.encode(stops, forKey: .stops)
        try values.encode(dueMigrations, forKey: .dueMigrations)
        try values.encode(commands, forKey: .commands)
        try values.encode(warnings, forKey: .warnings)
    }
}
