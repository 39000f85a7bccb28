import Foundation
import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// The VM of a managed instance: a folder with a deployment, docker and docker-compose that run containers as processes
/// of this machine, and a real sshd that leads there, where that is wanted. `StandIns/compose-host/lib/lib.sh` tells how it
/// behaves.
///
/// It is gone, and whatever runs in it, when it is stopped or this process ends.
struct ComposeHost: Sendable {
    /// Forms of compose that are there.
    enum Compose: String, Sendable, CaseIterable {
        /// The program `docker-compose`.
        case v1
        /// The plugin, `docker compose`.
        case v2

        /// The words it is called by.
        var command: String { self == .v1 ? "docker-compose" : "docker compose" }
    }

    /// Who may use the VM, and where it lies.
    let workplace: Workplace
    /// The VM's folder.
    let folder: FilePath
    let databases: InstanceDatabases
    let sshServer: ScratchSSHServer
    private let script: HeldScript

    static let equipment = FilePath(#filePath).removingLastComponent().appending("../StandIns/compose-host")

    /// Makes a VM.
    ///
    /// - Parameters:
    ///   - version: The release of its deployment.
    ///   - databases: What is behind `cloud-sql-proxy`.
    ///   - compose: The forms of compose that are there.
    ///   - migratorRestart: When its migrator is started again, in compose's words.
    ///   - hasSSH: Whether its sshd runs.
    init(
        version: String = "5.1.8", databases: InstanceDatabases, compose: Set<Compose> = [.v1],
        migratorRestart: String = "on-failure", hasSSH: Bool = false
    ) async throws {
        workplace = try await Workplace(target: databases.server)
        self.databases = databases
        folder = workplace.folder.file("vm")
        script = try await HeldScript(
            Self.equipment.appending("host.sh"),
            ["serve", folder.string, version, "127.0.0.1:\(databases.server.port)"],
            environment: [
                "PSQL": databases.server.bin.appending("psql").string, "TOOLS": ChildEnvironment.tools.string,
                "COMPOSE": compose.map(\.rawValue).sorted().joined(separator: " "),
                "MIGRATOR_RESTART": migratorRestart,
                "DB_USER": databases.user, "DB_PASSWORD": databases.password,
                "PRIMARY_DB": databases.names[.primary] ?? "", "CODEINTEL_DB": databases.names[.codeintel] ?? "",
                "CODEINSIGHTS_DB": databases.names[.codeinsights] ?? "",
            ], lines: 1)
        sshServer = ScratchSSHServer(vm: folder, in: workplace)
        guard hasSSH else { return }
        do { try await sshServer.start() } catch {
            await script.end()
            throw error
        }
    }

    /// Ends everything that runs on the VM and its sshd, and removes its folder.
    func stop() async { await script.end() }

    /// Runs `body` with a VM, whose databases are those of an instance of its release; stops it in any case.
    static func with<Value: Sendable>(
        version: String = "5.1.8", databasesOf release: String? = nil, compose: Set<Compose> = [.v1],
        migratorRestart: String = "on-failure", hasSSH: Bool = false,
        _ body: @Sendable (ComposeHost) async throws -> Value
    ) async throws -> Value {
        try await InstanceDatabases.with(version: release ?? version) { databases in
            let host = try await ComposeHost(
                version: version, databases: databases, compose: compose, migratorRestart: migratorRestart,
                hasSSH: hasSSH)
            let result: Result<Value, any Error>
            do { result = .success(try await body(host)) } catch { result = .failure(error) }
            await host.stop()
            return try result.get()
        }
    }

    // MARK: The ways to it

    /// Where compose is run.
    var deployment: FilePath { folder.appending("deployment") }

    /// For commands that are run on the VM itself: its programs come first. `mi` and `gcloud` are there too.
    var environment: [String: String] { path(["bin", "operator"]) }

    /// For commands that are run on the operator's machine, which has `mi` and `gcloud` but no docker.
    var operatorEnvironment: [String: String] { path(["operator"]) }

    private func path(_ names: [FilePath.Component]) -> [String: String] {
        ["PATH": ChildEnvironment.path(names.map { folder.appending($0) } + workplace.programs)]
    }

    /// Runs a command in the deployment's folder, as the VM's shell does.
    func shell(
        _ command: String, input: String = "",
        whileRunning: @escaping @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.awaiting("the end of `\(command)`") {
            try await workplace.run(
                folder.appending("vm-shell").string, ["-c", "cd '\(deployment)' && \(command)"], input: input,
                whileRunning: whileRunning)
        }
    }

    /// Has the deployment's files name another release.
    func deploy(_ version: String) async throws { try await control("release", version) }

    // MARK: -

    /// Runs `host.sh`.
    func control(_ action: String, _ arguments: String...) async throws {
        let script = Self.equipment.appending("host.sh").string
        let finished = try await workplace.awaiting("host.sh \(action) \(arguments.joined(separator: " "))") {
            try await workplace.run("/usr/bin/env", ["bash", script, action, folder.string] + arguments)
        }
        try #require(finished.exit == 0, "host.sh \(action): \(finished.errors)")
    }
}
