extension UpgradePath {
    /// What it takes, in one line.
    public var summary: String {
        switch kind {
        case .none:
            from == to
                ? "Sourcegraph \(from) stays as it is; what its schema lacks is added."
                : "Sourcegraph \(from) becomes \(to), the same minor release."
        case .standard: "Sourcegraph \(from) becomes \(to), the next minor release."
        case .multiVersion:
            "Sourcegraph \(from) becomes \(to), \(minors.count - 1) minor releases further, with \(stops.count) "
                + (stops.count == 1 ? "stop." : "stops.")
        }
    }

    /// The runs of the migrator, a line each.
    public var table: String {
        var table = TextTable(["step", "image", "arguments"], rightAligned: [0])
        for (number, command) in commands.enumerated() {
            table.add(["\(number + 1)", command.image, command.arguments.joined(separator: " ")])
        }
        return table.text
    }

    /// All of it for a person to read: what it takes, the runs, the stops and what should be known before.
    public var text: String {
        let stopped = stops.map { stop in
            "`upgrade` stops at \(stop.minor.minorName) for out-of-band migrations: \(Self.list(stop.migrations))."
        }
        return ([summary, table] + stopped + warnings.map { "Warning: \($0)" }).joined(separator: "\n")
    }

    /// `19 (roles of users), 20 (SCIP instead of LSIF)`.
    private static func list(_ ids: [Int]) -> String {
        let known = KnownOutOfBandMigration.all
        return ids.map { id in "\(id)" + (known.first { $0.id == id }.map { " (\($0.subject))" } ?? "") }
            .joined(separator: ", ")
    }

    /// What does not stand in the way, and still should be known.
    static func warnings(
        from source: SourcegraphVersion, kind: Kind, due: [KnownOutOfBandMigration], postgresMajor: Int?,
        isChosen: Bool,
        databases: [Database]
    ) -> [String] {
        var warnings: [String] = []
        if !databases.contains(.codeinsights) {
            warnings.append(
                "There is no codeinsights to upgrade: the migrator gets DISABLE_CODE_INSIGHTS=true. The instance needs the "
                    + "same in its configuration, or an empty database \(Database.codeinsights.importedName) to fill.")
        } else if source < .hasPlainCodeInsights {
            warnings.append(
                "Until 3.38.1 the database codeinsights was a TimescaleDB, if there was one: its dump does not go into an "
                    + "ordinary PostgreSQL, and the database has to be there, empty, instead.")
        }
        if kind == .multiVersion, source < .cameWithPostgres16, let postgresMajor, postgresMajor >= 16 {
            warnings.append(
                "PostgreSQL \(postgresMajor) prints definitions of views another way than the one that Sourcegraph "
                    + "\(source) came with: the migrator may take that for a drift of the schema.")
        }
        if kind == .standard, !due.isEmpty {
            warnings.append("`up` begins only if these out-of-band migrations are finished: \(list(due.map(\.id))).")
        }
        if kind != .multiVersion, isChosen {
            warnings.append("The migrator that was named is not used: `up` needs the image of the target itself.")
        }
        return warnings
    }
}

extension UpgradePath: CustomStringConvertible {
    /// The same as ``summary``.
    public var description: String { summary }
}
