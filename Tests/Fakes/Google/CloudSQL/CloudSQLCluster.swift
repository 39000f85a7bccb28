import Foundation
import Subprocess
import SystemPackage
package import TestClusters
import TestSupport
import Testing

/// A PostgreSQL cluster of one fake instance's own, with Cloud SQL's roles and Sourcegraph's databases.
///
/// It is a copy of one that is made once per test process, so that it starts at once.
package struct CloudSQLCluster: Sendable {
    /// How tests talk to it: its superuser is `cloudsqladmin`, and all logins have the same password.
    package let server: ScratchPostgres.Cluster
    private let script: HeldScript
    private let kept = KeptSessions()
    private let variables: [String: String]

    private struct Template: Sendable {
        var bin: FilePath
        var folder: String
        var password: String
        var script: HeldScript
    }

    private static let template = Task { () throws -> Template in
        let password = "cloud-\(UUID().uuidString)"
        let script = try await run(["template"], password: password)
        try #require(script.lines.count == 2)
        return Template(bin: FilePath(script.lines[0]), folder: script.lines[1], password: password, script: script)
    }

    private static let file = FilePath(#filePath).removingLastComponent().appending("cloud-sql.sh")

    private static func run(
        _ arguments: [String], password: String, _ variables: [String: String] = [:]
    ) async throws -> HeldScript {
        try await HeldScript(
            Self.file, [HeldScript.repository.string] + arguments,
            environment: variables.merging(["PGPASSWORD": password]) { $1 }, lines: 2)
    }

    /// - Parameter language: That of the server's messages, as far as PostgreSQL's translations are installed; nil: English.
    package init(language: String? = nil) async throws {
        let template = try await Self.template.value
        variables = language.map { ["LANGUAGE": $0] } ?? [:]
        script = try await Self.run(["instance", template.folder], password: template.password, variables)
        try #require(script.lines.count == 2)
        server = ScratchPostgres.Cluster(
            bin: template.bin, port: try #require(Int(script.lines[1])), password: template.password,
            socket: FilePath(script.lines[0]), superuser: "cloudsqladmin")
    }

    /// Stops the server and removes its folder.
    package func stop() async {
        await kept.close()
        await script.end()
    }

    /// What `pg_dump` prints, without the key that is another one each time.
    package func pgDump(_ database: String, _ arguments: [String] = []) async throws -> String {
        try await server.pgDump(database, arguments)
    }

    /// Runs a batch of statements in `postgres`, which leaves nothing behind in its session: that is kept for the next.
    ///
    /// - Parameters:
    ///   - user: The login; the superuser if nobody is named.
    ///   - role: What the session acts as; the login itself if none is named.
    package func run(_ text: String, as user: String? = nil, role: String? = nil) async throws -> PostgresAnswer {
        let login = KeptSessions.Login(user: user, role: role)
        var session: PostgresSession
        if let idle = kept.take(login) {
            session = idle
        } else {
            session = try await PostgresSession(
                server, database: "postgres", user: user, application: "fake",
                settings: role.map { ["role": $0] } ?? [:])
        }
        let answer = try await session.query(text)
        kept.putBack(session, login)
        return answer
    }

    // MARK: Backups

    /// Keeps a copy of all files, consistent though the server runs.
    package func backUp(as name: String) async throws { try await control("backup", name) }

    /// Puts a copy in the place of all files. Every session ends; the port stays.
    package func restore(_ name: String) async throws {
        await kept.close()
        try await control("restore", name)
    }

    /// Ends the server at once, and starts it again. Every session ends; the port stays.
    package func crash() async throws {
        await kept.close()
        try await control("crash")
    }

    private func control(_ action: String, _ names: String...) async throws {
        let arguments =
            [Self.file.string, HeldScript.repository.string, action, server.socket.string, "\(server.port)"] + names
        let result = try await Subprocess.run(
            .name("bash"), arguments: Arguments(arguments),
            environment: .only(ChildEnvironment.variables(ofScript: variables)), output: .discarded,
            error: .text(limit: 1 << 20))
        try #require(result.terminationStatus == .exited(0), "\(action): \(result.standardError)")
    }
}
