@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// An instance that needs no machine: its migrator is whatever a test does.
struct StandInInstance: InstanceController {
    var release = "5.2.3"
    /// Takes the place of the migrator; gives its exit status.
    var migrate: @Sendable (MigratorCommand) async throws -> Int32 = { _ in 0 }

    var name: String { "stand-in" }

    func configuration() async throws -> InstanceConfiguration {
        InstanceConfiguration(release: release, migrator: release, services: [])
    }

    func freeze(job: String) async throws -> String { "nothing of it runs" }

    func startProxy(job: String) async throws -> String { "there is no proxy" }

    func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun {
        let status = try await migrate(command)
        return MigratorRun(status: status, lastLines: status == 0 ? [] : ["It has failed."], place: name)
    }

    func start(job: String) async throws -> String { "it runs" }

    func check() async throws -> [Finding] { [] }
}
