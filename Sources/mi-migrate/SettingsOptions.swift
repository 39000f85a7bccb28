import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// What a migration works on: flags before the environment before a file.
struct SettingsOptions: ParsableArguments {
    @Option(
        name: .goStyle("project"),
        help: "The Google project of the Cloud SQL instance (default: $TARGET_INSTANCE_PROJECT).")
    var project: String?

    @Option(
        name: .goStyle("instance"),
        help: "The Cloud SQL instance: name or project:region:name (default: $TARGET_INSTANCE_DB).")
    var instance: String?

    @Option(
        name: .goStyle("bucket"),
        help: "The snapshot's bucket: a Google bucket or a folder (default: $DB_DUMP_BUCKET).", completion: .directory)
    var bucket: String?

    @Option(
        name: .goStyle("credentials"),
        help: ArgumentHelp(
            "Google credentials file (JSON) (default: Application Default Credentials).", valueName: "file"),
        completion: .file())
    var credentials: String?

    @Option(
        name: .goStyle("into"),
        help: ArgumentHelp(
            "Import into any PostgreSQL instead of a Cloud SQL instance: postgres://user@host:port/postgres.",
            valueName: "uri"))
    var into: String?

    @Option(
        name: .goStyle("journal"),
        help: ArgumentHelp(
            "Bucket or folder for the journal (default: the snapshot's; for --into, also the state folder).",
            valueName: "bucket"), completion: .directory)
    var journal: String?

    @Option(
        name: .goStyle("config"),
        help: ArgumentHelp(
            "The settings file (YAML) (default: migration.yaml in the current folder, if it exists).",
            valueName: "file"), completion: .file())
    var config: String?

    /// The settings that were given by flags.
    var flags: [SettingName: String?] {
        [
            .project: project, .instance: instance, .bucket: bucket, .credentials: credentials, .journal: journal,
            .into: into,
        ]
    }

    /// The settings; what is doubtful about them is said.
    ///
    /// - Parameters:
    ///   - plan: What counts where no flag says otherwise, before the environment and the file.
    ///   - others: More flags.
    func settings(
        _ console: Console, of plan: ImportPlan? = nil, _ others: [SettingName: String?]...
    ) throws -> MigrationSettings {
        if config == "" { throw MigrationError(.usage, "--config is empty.") }
        let given = others.reduce(flags) { $0.merging($1) { $1 } }.compactMapValues(\.self)
        let planned = (plan?.settings ?? [:]).compactMap { name, text in SettingName(rawValue: name).map { ($0, text) }
        }
        let settings = try MigrationSettings.resolve(
            flags: Dictionary(planned) { $1 }.merging(given) { $1 },
            environment: ProcessInfo.processInfo.environment,
            file: try SettingsFile.read(config.map { FilePath($0) }))
        for warning in settings.warnings { console.show(.warning(warning)) }
        return settings
    }
}

/// How an import reaches the databases of a Cloud SQL instance.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .goStyle("connection"),
        help: ArgumentHelp(
            "Direct connection to the Cloud SQL instance's PostgreSQL, used to load on several sessions and to compare "
                + "contents: postgres://user@host:port/postgres.", valueName: "uri"))
    var connection: String?

    @Option(
        name: .goStyle("through"),
        help: ArgumentHelp(
            "How dumps get into Cloud SQL: connection (several sessions) or api (one object at a time) (default: "
                + "connection, if one is set).",
            valueName: "way"), completion: .list(ImportWay.allCases.map(\.rawValue)))
    var through: String?

    @Option(
        name: .goStyle("import-user"),
        help: ArgumentHelp("The database role that runs the import.", valueName: "role"))
    var importUser: String?

    /// The settings that were given by flags.
    var flags: [SettingName: String?] { [.connection: connection, .through: through, .importUser: importUser] }
}

/// Whose audit log tells of the bucket.
struct AuditOptions: ParsableArguments {
    @Option(
        name: .goStyle("bucket-project"),
        help: ArgumentHelp("The Google project that owns the bucket.", valueName: "project"))
    var bucketProject: String?

    /// The settings that were given by flags.
    var flags: [SettingName: String?] { [.bucketProject: bucketProject] }
}
