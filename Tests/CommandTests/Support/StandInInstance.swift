@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// An instance that needs no machine: its migrator is whatever a test does.
struct StandInInstance: InstanceController {
    var release = "5.2.3"
    /// Reads the marks of its databases.
    var marked: @Sendable ([Database]) async throws -> [InstanceDatabase]
    /// Takes the place of the migrator; gives its exit status.
    var migrate: @Sendable (MigratorCommand) async throws -> Int32 = { _ in 0 }
    /// What the migrator writes when it fails.
    var complaint = ["It has failed."]

    var name: String { "stand-in" }

    /// Asks a database for its mark.
    static let question =
        "SELECT substring(shobj_description(oid, 'pg_database') FROM 'mi-migrate:[a-z0-9]+') FROM pg_database"
        + " WHERE datname = current_database()"

    func configuration() async throws -> InstanceConfiguration {
        InstanceConfiguration(release: release, migrator: release, services: [])
    }

    func freeze(job: String) async throws -> String { "nothing of it runs" }

    func startProxy(job: String) async throws -> String { "there is no proxy" }

    /// They are whatever the importer's are.
    func databases(_ databases: [Database]) async throws -> [InstanceDatabase] { try await marked(databases) }

    func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun {
        let status = try await migrate(command)
        return MigratorRun(status: status, lastLines: status == 0 ? [] : complaint, place: name)
    }

    func start(job: String) async throws -> String { "it runs" }

    func check() async throws -> [Finding] { [] }
}
