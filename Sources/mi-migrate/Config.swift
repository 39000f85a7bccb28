import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate config`
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show a migration's settings, and which flag, variable or line of a file each one comes from.",
        discussion: """
            Flags override the environment (TARGET_INSTANCE_PROJECT, TARGET_INSTANCE_DB, DB_DUMP_BUCKET, \
            INSTANCE_ADMIN_PASSWORD), which overrides the settings file, migration.yaml. Passwords are not shown.

            Examples:
              mi-migrate config --config=customers/acme.yaml
              mi-migrate config --bucket=gs://other --json

            A settings file, in which every line is optional:
              project: sourcegraph-managed-acme     # of the Cloud SQL instance
              instance: main-47cc60a2               # or project:region:name
              bucket: gs://acme-snapshot            # or a folder, relative to this file
              bucket-project: acme-migration        # owns the bucket
              credentials: operator.json            # relative to this file
              connection: postgres://sourcegraph-admin@localhost:5433/postgres
              import-user: sourcegraph-admin
              journal: gs://acme-journal            # if not in the bucket
              databases: [primary, codeintel, codeinsights]

            There is also the key `password`, for a file that only you can read; INSTANCE_ADMIN_PASSWORD is better.
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup(title: "Database access") var access: AccessOptions

    @OptionGroup var audit: AuditOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let settings = try settings.settings(console, access.flags, audit.flags)
        console.show(result: settings.rows)
        output.print(settings.table)
    }
}
