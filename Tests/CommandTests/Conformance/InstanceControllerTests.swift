import MigrationKit
import MigrationKitTesting
import Synchronization
import SystemPackage
import TestClusters
import Testing

/// What every ``InstanceController`` owes.
@Suite(.inTurn) struct InstanceControllerTests {
    private static let command = MigratorCommand(
        version: SourcegraphVersion(5, 1, 8), arguments: ["up", "--db=frontend"])

    @Test func promisesAreKeptByComposeOnAVM() async throws {
        try await ComposeHost.with(hasSSH: true) { host in
            let instance = ComposeInstance(
                try InstanceAddress(ScratchSSHServer.host), folder: host.deployment.string,
                sshConfiguration: host.sshServer.config)
            for promise in InstanceControllerPromise.all {
                do { try await promise.check(instance, running: Self.command) } catch {
                    Issue.record("\(promise): \(error)")
                }
            }
            #expect(try host.invocations().count { $0.contains(" migrator up") } == 1)
        }
    }

    /// One that is nowhere.
    private final class OwnInstance: InstanceController {
        enum Fault: CaseIterable { case hasNoServices, begins, omitsADatabase, doesNotRun, startsOnce }

        let fault: Fault?
        private let jobs = Mutex<[String]>([])

        init(_ fault: Fault?) { self.fault = fault }

        var name: String { "own" }

        func configuration() async throws -> InstanceConfiguration {
            InstanceConfiguration(
                release: "5.1.8", migrator: nil, services: fault == .hasNoServices ? [] : ["frontend"])
        }
        func freeze(job: String) async throws -> String { "scaled to 0" }
        func startProxy(job: String) async throws -> String { "it is open" }
        func databases(_ databases: [Database]) async throws -> [InstanceDatabase] {
            databases.dropFirst(fault == .omitsADatabase ? 1 : 0)
                .map { InstanceDatabase($0, service: "frontend", address: "db:5432/\($0)", mark: "none") }
        }
        func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun {
            let number = jobs.withLock { jobs in
                if fault == .begins || !jobs.contains(job) { jobs.append(job) }
                return jobs.count
            }
            return MigratorRun(status: 0, lastLines: command.arguments, place: "\(job)-\(number)")
        }
        func start(job: String) async throws -> String {
            let isFirst = jobs.withLock { jobs in
                jobs.append(job)
                return jobs.count == 1
            }
            if fault == .startsOnce, !isFirst { throw MigrationError(.failed, "It runs already.") }
            return "it runs"
        }
        func check() async throws -> [Finding] {
            fault == .doesNotRun ? [Finding("runs", in: "frontend", .fail, "it does not")] : []
        }
    }

    @Test(arguments: [nil] + OwnInstance.Fault.allCases.map(\.self) as [OwnInstance.Fault?])
    private func brokenPromiseIsFound(fault: OwnInstance.Fault?) async throws {
        var broken: [String] = []
        for promise in InstanceControllerPromise.all {
            do { try await promise.check(OwnInstance(fault), running: Self.command) } catch {
                broken.append("\(promise): \(error)")
            }
        }
        #expect(broken.count == (fault == nil ? 0 : 1), "\(broken)")
    }
}
