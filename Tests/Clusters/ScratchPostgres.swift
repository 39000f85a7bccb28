import Foundation
package import SystemPackage

/// Two real PostgreSQL clusters for all tests of this process: one shaped like Sourcegraph's, and one with the roles of
/// Cloud SQL. They are gone, and their folder with them, when the process is.
package struct ScratchPostgres: Sendable {
    /// Folder of the programs: `psql`, `pg_dump`.
    package let bin: FilePath
    /// A folder for whatever tests write.
    package let folder: FilePath
    /// Databases `sg`, `codeintel` and `codeinsights`, for reading only; superuser `sg`.
    package let source: Cluster
    /// Empty; `sourcegraph-admin` is no superuser, `cloudsqladmin` is one.
    package let target: Cluster
    /// Whose end is theirs.
    private let script: HeldScript

    /// A running server.
    package struct Cluster: Sendable {
        package let bin: FilePath
        package let port: Int
        package let password: String
        /// The folder of its socket.
        package let socket: FilePath
        package let superuser: String

        package init(bin: FilePath, port: Int, password: String, socket: FilePath, superuser: String) {
            self.bin = bin
            self.port = port
            self.password = password
            self.socket = socket
            self.superuser = superuser
        }
    }

    /// The clusters; started when first asked for.
    package static var shared: ScratchPostgres { get async throws { try await starting.value } }

    private static let starting = Task { try await start() }

    private static func start() async throws -> ScratchPostgres {
        let passwords = (source: "source-\(UUID().uuidString)", target: "target-\(UUID().uuidString)")
        let script = try await HeldScript(
            FilePath(#filePath).removingLastComponent().appending("scratch-postgres.sh"),
            [HeldScript.repository.string],
            environment: ["SOURCE_PASSWORD": passwords.source, "TARGET_PASSWORD": passwords.target], lines: 4)
        let told = script.lines
        guard let sourcePort = Int(told[2]), let targetPort = Int(told[3]) else { throw NotStarted(told: told) }
        // For what runs inside this process; whoever looks for a program there has waited for the clusters before.
        try FileManager.default.createSymbolicLink(
            atPath: ChildEnvironment.postgres.string, withDestinationPath: told[0])
        let (bin, folder) = (FilePath(told[0]), FilePath(told[1]))
        return ScratchPostgres(
            bin: bin, folder: folder.appending("tests"),
            source: Cluster(
                bin: bin, port: sourcePort, password: passwords.source, socket: folder.appending("source"),
                superuser: "sg"),
            target: Cluster(
                bin: bin, port: targetPort, password: passwords.target, socket: folder.appending("target"),
                superuser: "cloudsqladmin"),
            script: script
        )
    }

    private struct NotStarted: Error { let told: [String] }
}
