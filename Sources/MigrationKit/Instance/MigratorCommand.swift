/// One run of Sourcegraph's migrator, whose image has the releases' names.
public struct MigratorCommand: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The release of the image.
    public let version: SourcegraphVersion
    /// The command and its flags; no secret is among them: the migrator takes its databases from the environment.
    public let arguments: [String]

    /// Makes a run.
    ///
    /// - Parameters:
    ///   - version: The release of the image.
    ///   - arguments: The command and its flags.
    public init(version: SourcegraphVersion, arguments: [String]) {
        self.version = version
        self.arguments = arguments
    }

    /// The image, as Sourcegraph has published it.
    public var image: String { "sourcegraph/migrator:\(version)" }
    /// The command: `upgrade`, `up`, `validate`. Without one, the migrator does `up`.
    public var name: String { arguments.first ?? "up" }
    /// Image and arguments.
    public var description: String { ([image] + arguments).joined(separator: " ") }
}

extension MigratorCommand {
    /// Does all migrations of the schema that the image was built with, in all three databases.
    static func up(_ version: SourcegraphVersion) -> MigratorCommand {
        MigratorCommand(version: version, arguments: ["up", "--db=all"])
    }

    /// Looks whether all three databases are as the image's release needs them.
    static func validate(_ version: SourcegraphVersion) -> MigratorCommand {
        MigratorCommand(version: version, arguments: ["validate", "--db=all"])
    }

    /// Goes through several minor releases, with the out-of-band migrations on the way. The flags are those that the
    /// image knows: another one would be an error.
    static func upgrade(
        _ version: SourcegraphVersion, from: SourcegraphVersion, to: SourcegraphVersion, skipsDriftCheck: Bool
    ) -> MigratorCommand {
        var arguments = ["upgrade", "--from=\(from)", "--to=\(to)"]
        if skipsDriftCheck { arguments.append("--skip-drift-check") }
        if version >= .takesDisableAnimation { arguments.append("--disable-animation") }
        // The image is chosen on purpose: that there is a newer one is no reason to stop.
        if version >= .takesIgnoreMigratorUpdate { arguments.append("--ignore-migrator-update") }
        return MigratorCommand(version: version, arguments: arguments)
    }
}
