package import MigrationKitBase

extension UpgradePath {
    /// What it takes, in one line.
    public var summary: String {
        switch kind {
        case .none:
            from == to
                ? "Sourcegraph \(from) stays as it is; missing parts of its schema are added."
                : "From Sourcegraph \(from) to \(to), the same minor release."
        case .standard: "From Sourcegraph \(from) to \(to), the next minor release."
        case .multiVersion:
            "From Sourcegraph \(from) to \(to), across \(minors.count - 1) minor releases, with \(stops.count) "
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

    /// What somebody should know before, with values for programs.
    package var notices: [MigrationNotice] {
        doubts.map { doubt in
            MigrationNotice(
                .upgradeDoubtful, doubt.text,
                ["doubt": .init(doubt.kind.rawValue), "from": .init("\(from)"), "to": .init("\(to)")])
        }
    }

    /// What does not stand in the way, and still should be known.
    struct Doubt: Sendable, Hashable {
        /// Its name for programs.
        enum Kind: String, Sendable {
            case noCodeInsights = "no-codeinsights"
            case timescaleDB = "timescaledb"
            case viewDefinitions = "view-definitions"
            case unfinishedMigrations = "unfinished-migrations"
            case migratorIgnored = "migrator-ignored"
        }

        let kind: Kind
        /// A sentence or two.
        let text: String
    }

    static func doubts(
        from source: SourcegraphVersion, kind: Kind, due: [KnownOutOfBandMigration], postgresMajor: Int?,
        isChosen: Bool,
        databases: [Database]
    ) -> [Doubt] {
        var doubts: [Doubt] = []
        func add(_ kind: Doubt.Kind, _ text: String) { doubts.append(Doubt(kind: kind, text: text)) }
        if !databases.contains(.codeinsights) {
            add(
                .noCodeInsights,
                "There is no codeinsights to upgrade: the migrator gets DISABLE_CODE_INSIGHTS=true. Set the same in the "
                    + "instance's configuration, or create an empty database \(Database.codeinsights.importedName).")
        } else if source < .hasPlainCodeInsights {
            add(
                .timescaleDB,
                "Up to 3.38.1, the database codeinsights used TimescaleDB: its dump cannot be imported into plain "
                    + "PostgreSQL. Create an empty database instead.")
        }
        if kind == .multiVersion, source < .cameWithPostgres16, let postgresMajor, postgresMajor >= 16 {
            add(
                .viewDefinitions,
                "PostgreSQL \(postgresMajor) prints view definitions differently from the version that Sourcegraph "
                    + "\(source) came with: the migrator may report schema drift.")
        }
        if kind == .standard, !due.isEmpty {
            add(
                .unfinishedMigrations,
                "`up` starts only if these out-of-band migrations are finished: \(list(due.map(\.id))).")
        }
        if kind != .multiVersion, isChosen {
            add(.migratorIgnored, "--migrator is ignored: `up` needs the target's own image.")
        }
        return doubts
    }
}

extension UpgradePath: CustomStringConvertible {
    /// The same as ``summary``.
    public var description: String { summary }
}
