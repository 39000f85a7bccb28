import ArgumentParser
import Foundation
import MigrationKitCommandSupport
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
        help: "The snapshot's bucket: a Google bucket or a folder (default: $DB_DUMP_BUCKET).")
    var bucket: String?

    @Option(
        name: .goStyle("bucket-project"),
        help: ArgumentHelp("The Google project that owns the bucket.", valueName: "project"))
    var bucketProject: String?

    @Option(
        name: .goStyle("credentials"),
        help: ArgumentHelp(
            "Google credentials file (JSON) (default: Application Default Credentials).", valueName: "file"))
    var credentials: String?

    @Option(
        name: .goStyle("connection"),
        help: ArgumentHelp(
            "Direct connection to the database, used to compare contents and show progress: "
                + "postgres://user@host:port/postgres.", valueName: "uri"))
    var connection: String?

    @Option(
        name: .goStyle("into"),
        help: ArgumentHelp(
            "Import into any PostgreSQL instead of a Cloud SQL instance: postgres://user@host:port/postgres.",
            valueName: "uri"))
    var into: String?

    @Option(
        name: .goStyle("import-user"),
        help: ArgumentHelp("The database role that runs the import.", valueName: "role"))
    var importUser: String?

    @Option(
        name: .goStyle("journal"),
        help: ArgumentHelp("Bucket or folder for the journal (default: the snapshot's bucket).", valueName: "bucket"))
    var journal: String?

    @Option(
        name: .goStyle("config"),
        help: ArgumentHelp(
            "The settings file (YAML) (default: migration.yaml in the current folder, if it exists).",
            valueName: "file"))
    var config: String?

    /// The settings; what is doubtful about them is said.
    ///
    /// - Parameter others: More flags.
    func settings(_ console: Console, _ others: [SettingName: String?] = [:]) throws -> MigrationSettings {
        if config == "" { throw MigrationError(.usage, "--config is empty.") }
        let flags: [SettingName: String?] = [
            .project: project, .instance: instance, .bucket: bucket, .bucketProject: bucketProject,
            .credentials: credentials, .connection: connection, .importUser: importUser, .journal: journal,
            .into: into,
        ]
        let settings = try MigrationSettings.resolve(
            flags: flags.merging(others) { $1 }.compactMapValues(\.self),
            environment: ProcessInfo.processInfo.environment,
            file: try SettingsFile.read(config.map { FilePath($0) }))
        for warning in settings.warnings { console.show(.warning(warning)) }
        return settings
    }
}
