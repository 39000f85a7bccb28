import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

extension ComposeHost {
    /// A container, as the daemon knows it.
    struct Container: Sendable, Hashable {
        var name: String
        var id: String
        var service: String
        /// `created`, `running`, `restarting` or `exited`.
        var status: String
        var exitCode: Int?
        var restarts: Int?
        /// Nil where nobody asks for it.
        var health: String?
        var image: String
    }

    /// What was run, in its order, as a shell would read it: `docker ps -aq`.
    func invocations() throws -> [String] {
        try workplace.folder.text("vm/invocations").split(separator: "\n").map(String.init)
    }

    /// The containers that are there, by name.
    func containers() throws -> [String: Container] {
        var containers: [String: Container] = [:]
        for name in try workplace.folder.list("vm/containers") {
            containers[name] = container("containers/\(name)", name: name)
        }
        return containers
    }

    func container(_ name: String) throws -> Container {
        try #require(try containers()[name], "there is no container \(name)")
    }

    /// Those that were there, in no order.
    func removedContainers() throws -> [Container] {
        try workplace.folder.list("vm/gone").compactMap { container("gone/\($0)", name: "") }
    }

    /// Nil while it is being made, or when it has been removed meanwhile.
    private func container(_ path: String, name: String) -> Container? {
        func field(_ name: String) -> String? {
            (try? workplace.folder.text("vm/\(path)/\(name)")).map { $0.trimmingCharacters(in: .newlines) }
        }
        guard let id = field("id"), !id.isEmpty, let status = field("status") else { return nil }
        return Container(
            name: name, id: id, service: field("service") ?? "", status: status,
            exitCode: field("exitcode").flatMap { Int($0) }, restarts: field("restarts").flatMap { Int($0) },
            health: field("health").flatMap { $0.isEmpty ? nil : $0 }, image: field("image") ?? "")
    }

    // MARK: What the migrator did

    /// How often the migration to each release was applied to a database.
    func applied(_ database: Database = .primary) async throws -> [String: Int] {
        let isThere = try await databases.sql("SELECT to_regclass('applied_by_migrator') IS NOT NULL", in: database)
        guard isThere == "t" else { return [:] }
        let rows = try await databases.sql(
            "SELECT version, count(*) FROM applied_by_migrator GROUP BY version", in: database)
        var applied: [String: Int] = [:]
        for row in rows.split(separator: "\n") {
            let columns = row.split(separator: "|")
            applied[String(columns[0])] = Int(columns[1])
        }
        return applied
    }

    /// The release that the instance says it is.
    func instanceVersion() async throws -> String {
        try await databases.sql("SELECT version FROM versions WHERE service = 'frontend'", in: .primary)
    }
}
