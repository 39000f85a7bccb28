import MigrationKit
import Testing

/// An ``InstanceController`` that the library knows nothing of, such as of instances on Kubernetes.
@Suite struct OwnInstanceTests {
    private struct OwnInstance: InstanceController {
        var name: String { "own" }

        func configuration() async throws -> InstanceConfiguration {
            InstanceConfiguration(release: "5.2.3", migrator: nil, services: ["frontend"])
        }
        func freeze(job: String) async throws -> String { "scaled to 0" }
        func startProxy(job: String) async throws -> String { "it is open" }
        func databases(_ databases: [Database]) async throws -> [InstanceDatabase] {
            databases.map { InstanceDatabase($0, service: "frontend", address: "db:5432/\($0)", mark: "none") }
        }
        func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun {
            MigratorRun(status: 0, lastLines: command.arguments, place: job)
        }
        func start(job: String) async throws -> String { "it runs" }
        func check() async throws -> [Finding] { [] }
    }

    @Test func instanceIsHandledByWhatTheLibraryShows() async throws {
        let instance: any InstanceController = OwnInstance()
        #expect(try await instance.configuration().services == ["frontend"])
        let command = MigratorCommand(version: SourcegraphVersion(5, 2, 3), arguments: ["up"])
        let run = try await instance.migrate(command, job: "upgrade-1")
        #expect(run == MigratorRun(status: 0, lastLines: ["up"], place: "upgrade-1"))
    }
}
