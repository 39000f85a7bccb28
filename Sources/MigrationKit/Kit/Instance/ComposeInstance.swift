internal import Foundation
public import SystemPackage

/// An instance that docker-compose runs, on a machine that is reached by ssh, through `mi`, or on this one.
///
/// Source of the services' names and their folder: sourcegraph/deploy-sourcegraph-docker, and sourcegraph/handbook,
/// "MI v1.1".
public struct ComposeInstance: InstanceController {
    /// How the machine is reached.
    public let address: InstanceAddress
    /// The folder with `docker-compose.yaml`.
    public var folder = Self.standardFolder
    /// Takes what happens.
    public var onEvent: MigrationEventHandler
    var shell: InstanceShell
    /// How long a service may take until it runs.
    var patience = Duration.seconds(600)

    /// Where managed instances have it.
    public static let standardFolder = "/deployment/docker-compose"
    static let proxy = "cloud-sql-proxy"
    static let migrator = "migrator"

    /// Names an instance.
    ///
    /// - Parameters:
    ///   - address: How the machine is reached.
    ///   - folder: The folder with `docker-compose.yaml` there.
    ///   - key: A key for ssh, where the user's configuration names none.
    ///   - sshConfiguration: Another configuration of ssh's than the user's.
    ///   - retry: How long a connection that breaks is tried again.
    ///   - onEvent: Takes what happens.
    public init(
        _ address: InstanceAddress, folder: String = Self.standardFolder, key: FilePath? = nil,
        sshConfiguration: FilePath? = nil, retry: RetryPolicy = RetryPolicy(),
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.address = address
        self.folder = folder
        self.onEvent = onEvent
        shell = InstanceShell(address)
        (shell.key, shell.configuration, shell.retry) = (key, sshConfiguration, retry)
        shell.onNotice = { onEvent(.warning($0)) }
    }

    /// The machine.
    public var name: String { address.name }

    // MARK: Steps

    /// `docker-compose down`; then nothing is left.
    public func freeze(job: String) async throws -> String {
        try await run("docker-compose down", "compose down", job: job)
        let left = try await containers()
        guard left.isEmpty else {
            throw MigrationError(
                .failed, "docker-compose down did not remove all containers on \(name).",
                next: "Stop them there, then run the same command again.", details: left.map(\.description))
        }
        return "all containers stopped"
    }

    /// `docker-compose up -d cloud-sql-proxy`; waits until it says that it is ready.
    public func startProxy(job: String) async throws -> String {
        guard try await configuration().services.contains(Self.proxy) else {
            return "there is no service \(Self.proxy)"
        }
        try await run("docker-compose up \(Self.proxy)", "compose up -d \(Self.proxy)", job: job)
        try await waiting(for: "\(Self.proxy) answers") {
            let proxy = try await containers().first { $0.service == Self.proxy }
            guard let proxy, proxy.status == "running" else { return proxy?.description ?? "it has no container" }
            if let health = proxy.health { return health == "healthy" ? nil : proxy.description }
            // Both of its versions say so.
            let log = try await logs(of: Self.proxy)
            return log.contains { $0.lowercased().contains("ready for new connections") } ? nil : "it is not ready"
        }
        return "\(Self.proxy) answers"
    }

    /// `docker-compose up -d`; a migrator that fails again and again is stopped, and all that is left has to run.
    public func start(job: String) async throws -> String {
        var isStopped = false
        let outcome = try await follow("docker-compose up", "compose up -d", job: job) {
            if try await stopLoopingMigrator() { isStopped = true }
        }
        if let failure = try await migratorFailure(isStopped) { throw failure }
        try check(outcome, "docker-compose up", job)
        try await waiting(for: "all services are running") {
            // Older forms of compose do not wait for it.
            if try await stopLoopingMigrator() { isStopped = true }
            if let failure = try await migratorFailure(isStopped) { throw failure }
            let containers = try await containers()
            let isOpen = containers.first { !$0.isAtWork || ($0.service == Self.migrator && $0.status != "exited") }
            return isOpen?.description ?? (containers.isEmpty ? "there are no containers" : nil)
        }
        return "\(try await containers().count { $0.status == "running" }) containers are running"
    }

    /// Every container runs and, where it can tell, is healthy.
    public func check() async throws -> [Finding] {
        let containers = try await containers()
        let bad = containers.filter { !$0.isAtWork || $0.health.map { $0 != "healthy" } == true }
        let place = "containers"
        if containers.isEmpty {
            return [Finding("containers", in: place, .fail, "No containers are running on \(name).", mayClear: true)]
        }
        guard bad.isEmpty else {
            return [
                Finding(
                    "containers", in: place, .fail, "Not all containers on \(name) are running and healthy.",
                    details: bad.map(\.description), remedy: "Read the `docker-compose logs` of these services.",
                    mayClear: true)
            ]
        }
        let restarted = containers.filter { $0.restarts > 0 }
        return [
            Finding(
                "containers", in: place, restarted.isEmpty ? .pass : .warn,
                "\(containers.count) containers on \(name) are running; those with a health check are healthy"
                    + (restarted.isEmpty ? "." : "; some were restarted."),
                details: restarted.map(\.description))
        ]
    }

    // MARK: A migrator that fails

    /// Compose restarts a migrator that fails for ever.
    private static let attempts = 3

    /// - Returns: Whether there was one.
    private func stopLoopingMigrator() async throws -> Bool {
        let migrator = try await containers().first { $0.service == Self.migrator && $0.restarts >= Self.attempts }
        guard let migrator, migrator.status != "exited" else { return false }
        onEvent(.warning("The migrator failed \(migrator.restarts) times, so it was stopped."))
        _ = try await compose("stop \(Self.migrator)")
        return true
    }

    private func migratorFailure(_ isStopped: Bool) async throws -> MigrationError? {
        let migrator = try await containers().first { $0.service == Self.migrator }
        guard let migrator, isStopped || migrator.hasFailed else { return nil }
        let release = try await configuration().migrator.flatMap { SourcegraphVersion($0) }
        return MigratorFailure(try await logs(of: Self.migrator), of: .up(release ?? .newestKnown)).error
    }

    // MARK: Commands

    private func run(_ what: String, _ script: String, job: String) async throws {
        try check(try await follow(what, script, job: job), what, job)
    }

    private func check(_ outcome: InstanceJob.Outcome, _ what: String, _ job: String) throws {
        guard outcome.status != 0 else { return }
        throw MigrationError(
            .failed, "`\(what)` failed on \(name) with status \(outcome.status).",
            next: "Its full output is in \(InstanceJob(shell: shell, name: job).place).",
            details: Array(outcome.lastLines.suffix(20)))
    }

    /// Runs a long command, and shows what it prints.
    func follow(
        _ what: String, _ script: String, job: String, onLook: () async throws -> Void = {}
    ) async throws -> InstanceJob.Outcome {
        let start = ContinuousClock.now
        onEvent(.started(what, total: nil))
        do {
            let outcome = try await InstanceJob(shell: shell, name: job).run(prelude + "\n" + script) { line in
                onEvent(.advanced(what, bytes: 0, detail: MigratorOutput.shown(line)))
            } onLook: {
                try await onLook()
            }
            onEvent(
                .finished(
                    what,
                    summary: outcome.status == 0
                        ? "done in \(Quantity.duration(.now - start))" : "exit status \(outcome.status)"))
            return outcome
        } catch let error as MigrationError {
            onEvent(.failed(what, error))
            throw error
        }
    }

    /// Runs a short command of docker-compose.
    func compose(_ arguments: String) async throws -> String {
        let reply = try await shell.run("\(prelude)\ncompose \(arguments)")
        guard reply.status == 0 else {
            throw MigrationError(
                .unmetRequirement, "`docker-compose \(arguments)` failed in \(folder) on \(name).",
                next: reply.status == Self.noFolder
                    ? "Set `deployment` to the folder with docker-compose.yaml." : "To see why, run it there.",
                details: reply.errors)
        }
        return reply.output
    }

    private static let noFolder: Int32 = 66

    /// The folder for `cd`, which has options, too, and goes back for `-`.
    private var place: String { folder.utf8.first == UInt8(ascii: "-") ? "./\(folder)" : folder }

    /// What every script begins with: `compose` is docker-compose or docker's plugin, whichever is there; `docker` is
    /// docker, by sudo where it has to be.
    var prelude: String {
        """
        cd \(place.shellQuoted) || exit \(Self.noFolder)
        as=
        command docker ps -q >/dev/null 2>&1 || ! sudo -n docker ps -q >/dev/null 2>&1 || as='sudo -n'
        docker() { command $as docker "$@"; }
        if command -v docker-compose >/dev/null 2>&1; then
            compose() { command $as docker-compose "$@"; }
        elif docker compose version >/dev/null 2>&1; then
            compose() { docker compose "$@"; }
        else
            echo 'neither docker-compose nor docker compose is installed' >&2
            exit 127
        fi
        """
    }

    /// - Parameter missing: What is still missing; nil: nothing.
    private func waiting(for what: String, _ missing: () async throws -> String?) async throws {
        let deadline = ContinuousClock.now + patience
        var pauses = Pauses(upTo: .seconds(1))
        while let reason = try await missing() {
            guard .now < deadline else {
                throw MigrationError(
                    .failed, "\(name): \(reason), after \(Quantity.duration(patience)).",
                    next: "Read the `docker-compose logs` there, then run the same command again.")
            }
            try await pauses.wait()
        }
    }
}
