/// One run of Sourcegraph's migrator, whose image has the releases' names.
public struct MigratorCommand: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The release of the image.
    public let version: SourcegraphVersion
    /// The command and its flags; no secret is among them: the migrator takes its databases from the environment.
    public let arguments: [String]
    /// What the migrator finds in its environment besides what the instance's configuration sets; no secret either.
    public let environment: [String: String]

    /// Makes a run.
    ///
    /// - Parameters:
    ///   - version: The release of the image.
    ///   - arguments: The command and its flags.
    ///   - environment: Variables besides those of the instance's configuration.
    public init(version: SourcegraphVersion, arguments: [String], environment: [String: String] = [:]) {
        self.version = version
        self.arguments = arguments
        self.environment = environment
    }

    /// Reads one, also of a journal from before there was an environment.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decode(SourcegraphVersion.self, forKey: .version)
        arguments = try values.decode([String].self, forKey: .arguments)
        environment = try values.decodeIfPresent([String: String].self, forKey: .environment) ?? [:]
    }

    /// The image, as Sourcegraph has published it.
    public var image: String { "sourcegraph/migrator:\(version)" }
    /// The command: `upgrade`, `up`, `validate`. Without one, the migrator does `up`.
    public var name: String { arguments.first ?? "up" }
    /// Image and arguments.
    public var description: String { ([image] + arguments).joined(separator: " ") }
}

extension MigratorCommand {
    /// Does all migrations of the schemas that the image was built with.
    package static func up(
        _ version: SourcegraphVersion, of databases: [Database] = Database.allCases
    ) -> MigratorCommand {
        MigratorCommand(version: version, arguments: ["up", flag(databases)], environment: environment(databases))
    }

    /// Checks that the databases are as the image's release needs them.
    static func validate(
        _ version: SourcegraphVersion, of databases: [Database] = Database.allCases
    ) -> MigratorCommand {
        MigratorCommand(
            version: version, arguments: ["validate", flag(databases)], environment: environment(databases))
    }

    private static func flag(_ databases: [Database]) -> String {
        let isAll = Set(databases).count == Database.allCases.count
        return "--db=" + (isAll ? "all" : databases.sorted().map(\.migratorSchema).joined(separator: ","))
    }

    /// What makes the migrator do without a database; `upgrade` has no flag for that.
    private static func environment(_ databases: [Database]) -> [String: String] {
        databases.contains(.codeinsights) ? [:] : ["DISABLE_CODE_INSIGHTS": "true"]
    }

    /// Goes through several minor releases, with the out-of-band migrations on the way. The flags are those that the
    /// image knows: another one would be an error.
    static func upgrade(
        _ version: SourcegraphVersion, from: SourcegraphVersion, to: SourcegraphVersion, skipsDriftCheck: Bool,
        of databases: [Database] = Database.allCases
    ) -> MigratorCommand {
        var arguments = ["upgrade", "--from=\(from)", "--to=\(to)"]
        if skipsDriftCheck { arguments.append("--skip-drift-check") }
        if version >= .takesDisableAnimation { arguments.append("--disable-animation") }
        // The image is chosen on purpose: that there is a newer one is no reason to stop.
        if version >= .takesIgnoreMigratorUpdate { arguments.append("--ignore-migrator-update") }
        return MigratorCommand(version: version, arguments: arguments, environment: environment(databases))
    }

    /// The release that it takes the databases to be of; nil: it does not say.
    package var source: String? {
        let flag = "--from="
        return arguments.first { $0.hasPrefix(flag) }.map { String($0.dropFirst(flag.count)) }
    }

    /// Shows how a schema differs from that of a release, with the image of another run.
    package static func drift(
        _ other: MigratorCommand, of database: Database, at release: SourcegraphVersion
    ) -> MigratorCommand {
        var arguments = ["drift", "--db=\(database.migratorSchema)", "--version=\(release)"]
        if other.version >= .takesIgnoreMigratorUpdate { arguments.append("--ignore-migrator-update") }
        return MigratorCommand(version: other.version, arguments: arguments, environment: other.environment)
    }

    /// Finishes out-of-band migrations, with the image of another run.
    package static func runOutOfBandMigrations(_ ids: [Int], with other: MigratorCommand) -> MigratorCommand {
        MigratorCommand(
            version: other.version, arguments: ["run-out-of-band-migrations"] + ids.map { "--id=\($0)" },
            environment: other.environment)
    }
}
