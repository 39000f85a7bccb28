import ArgumentParser
import Foundation
import MigrationKitCommandSupport
import SystemPackage

/// What a migration works on: flags before the environment before a file.
struct SettingsOptions: ParsableArguments {
    @Option(
        name: .goStyle("project"),
        help: "The Google project of the Cloud SQL instance; else TARGET_INSTANCE_PROJECT, or the file's project.")
    var project: String?

    @Option(
        name: .goStyle("instance"),
        help: "The Cloud SQL instance, as name or project:region:name; else TARGET_INSTANCE_DB, or the file's instance."
    )
    var instance: String?

    @Option(
        name: .goStyle("bucket"),
        help: "The bucket: a Google bucket or a folder; else DB_DUMP_BUCKET, or the file's bucket.")
    var bucket: String?

    @Option(name: .goStyle("bucket-project"), help: "The Google project that owns the bucket.")
    var bucketProject: String?

    @Option(
        name: .goStyle("credentials"),
        help: "Google credentials: a file of JSON. Left out: those that Google's own programs would use.")
    var credentials: String?

    @Option(
        name: .goStyle("connection"),
        help: "A server to ask for proof and progress: postgres://user@host:port/postgres.")
    var connection: String?

    @Option(
        name: .goStyle("into"),
        help: "Any PostgreSQL in place of a Cloud SQL instance: postgres://user@host:port/postgres.")
    var into: String?

    @Option(name: .goStyle("import-user"), help: "The role that imports.")
    var importUser: String?

    @Option(name: .goStyle("journal"), help: "Another bucket or folder for the journal.")
    var journal: String?

    @Option(
        name: .goStyle("config"),
        help: "A file of settings in YAML. Left out: migration.yaml in the current folder, if it is there.")
    var config: String?

    /// The settings; what is doubtful about them is said.
    ///
    /// - Parameter others: More flags.
    func settings(_ console: Console, _ others: [SettingName: String?] = [:]) throws -> MigrationSettings {
        if config == "" { throw MigrationError(.usage, "--config names no file.") }
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
