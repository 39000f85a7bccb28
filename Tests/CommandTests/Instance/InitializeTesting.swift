import FakeSourcegraph
import Foundation
import Synchronization

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What a run was told, and what the operator was shown.
final class Told: Sendable {
    private let lines = Mutex<[String]>([])
    private let secrets = Mutex<[OperatorSecret]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var links: [String] { secrets.withLock { $0.map(\.text.revealed) } }

    func take(_ event: MigrationEvent) {
        switch event {
        case .notice(let notice), .warning(let notice): lines.withLock { $0.append(notice.text) }
        default: break
        }
    }

    func take(_ secret: OperatorSecret) { secrets.withLock { $0.append(secret) } }
}

extension FakeSourcegraph {
    static let newAddress = "https://acme.example.net"

    /// What makes this instance ready, with little patience.
    func initialising(_ told: Told, email: String? = "alice@example.com", token: String? = nil) throws
        -> InitializeInstance
    {
        var flow = InitializeInstance(
            client: try client(token: token), onSecret: { told.take($0) }, onEvent: { told.take($0) })
        (flow.externalURL, flow.adminEmail) = (Self.newAddress, email)
        flow.pause = .milliseconds(10)
        return flow
    }
}

/// An instance whose machine is not looked at.
struct StandingInstance: InstanceController {
    let name = "the machine"
    var release: String? = "5.1.8"
    var findings: [Finding] = []

    func configuration() async throws -> InstanceConfiguration {
        InstanceConfiguration(release: release, migrator: release, services: [])
    }
    func freeze(job: String) async throws -> String { "" }
    func startProxy(job: String) async throws -> String { "" }
    func databases(_ databases: [Database]) async throws -> [InstanceDatabase] { [] }
    func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun {
        MigratorRun(status: 0, lastLines: [], place: "")
    }
    func start(job: String) async throws -> String { "" }
    func check() async throws -> [Finding] { findings }
}
