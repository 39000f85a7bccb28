import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate config`
struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a migration works on, and which flag, variable or line of a file says so.",
        discussion: """
            Flags count before the environment (TARGET_INSTANCE_PROJECT, TARGET_INSTANCE_DB, DB_DUMP_BUCKET, \
            INSTANCE_ADMIN_PASSWORD), and that before a file, migration.yaml. Passwords are not shown.

            Examples:
              mi-migrate config --config=customers/acme.yaml
              mi-migrate config --bucket=gs://other --json

            A file; each line may be left out:
              project: sourcegraph-managed-acme     # of the Cloud SQL instance
              instance: main-47cc60a2               # or project:region:name
              bucket: gs://acme-snapshot            # or a folder, seen from this file
              bucket-project: acme-migration        # owns the bucket
              credentials: operator.json            # seen from this file
              connection: postgres://sourcegraph-admin@localhost:5433/postgres
              import-user: sourcegraph-admin
              journal: gs://acme-journal            # if not in the bucket
              databases: [primary, codeintel, codeinsights]

            The key `password` is there too, for a file that nobody else can read; INSTANCE_ADMIN_PASSWORD is better.
            """
    )

    @OptionGroup var options: SettingsOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let settings = try options.settings(console)
        console.show(result: settings.rows)
        output.print(settings.table)
    }
}
