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
    private let program = ComposeProgram()
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
        try await run("down", job: job)
        let left = try await containers()
        guard left.isEmpty else {
            throw MigrationError(
                .failed, "`\(try await typed("down"))` did not remove all containers on \(name).",
                next: "Stop them there, then run the same command again.", details: left.map(\.description))
        }
        return "all containers stopped"
    }

    /// `docker-compose up -d cloud-sql-proxy`; waits until it says that it is ready.
    public func startProxy(job: String) async throws -> String {
        guard try await configuration().services.contains(Self.proxy) else {
            return "there is no service \(Self.proxy)"
        }
        try await run("up -d \(Self.proxy)", job: job)
        try await waiting {
            guard let proxy = try await containers().first(where: { $0.service == Self.proxy }) else {
                return Missing("\(Self.proxy) has no container")
            }
            guard try await !isReady(proxy) else { return nil }
            if proxy.hasStopped || proxy.restarts >= Self.attempts { throw try await failure(of: proxy) }
            return Missing("\(proxy), and is not ready", proxy.service)
        }
        return "\(Self.proxy) answers"
    }

    /// `docker-compose up -d`; a migrator that fails again and again is stopped, and all that is left has to run.
    public func start(job: String) async throws -> String {
        var isStopped = false
        let up = "up -d"
        let outcome = try await follow(try await typed(up), "compose \(up)", job: job) {
            if try await stopLoopingMigrator() { isStopped = true }
        }
        if let failure = try await migratorFailure(isStopped) { throw failure }
        try await check(outcome, up)
        try await waiting {
            // Older forms of compose do not wait for it.
            if try await stopLoopingMigrator() { isStopped = true }
            if let failure = try await migratorFailure(isStopped) { throw failure }
            let containers = try await containers()
            if let failed = containers.first(where: \.hasFailed) { throw try await failure(of: failed) }
            let open = containers.first { !$0.isAtWork || ($0.service == Self.migrator && $0.status != "exited") }
            return open.map { Missing($0.description, $0.service) }
                ?? (containers.isEmpty ? Missing("there are no containers") : nil)
        }
        return "\(try await containers().count { $0.status == "running" }) containers are running"
    }

    /// Whether the proxy says that it takes connections.
    private func isReady(_ proxy: Container) async throws -> Bool {
        guard proxy.status == "running" else { return false }
        if let health = proxy.health { return health == "healthy" }
        // Both of its versions say so.
        return try await logs(of: Self.proxy).contains { $0.lowercased().contains("ready for new connections") }
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
                    details: bad.map(\.description), remedy: "Read the `\(try await typed("logs"))` of these services.",
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

    // MARK: Commands

    /// A command of compose, as it would be typed on the machine: by the program that is used there.
    func typed(_ arguments: String) async throws -> String { "\(try await program.words(on: shell)) \(arguments)" }

    private func run(_ arguments: String, job: String) async throws {
        try await check(try await follow(try await typed(arguments), "compose \(arguments)", job: job), arguments)
    }

    /// Runs a long command, and shows what it prints. What compose tells of its progress is not among its last lines.
    func follow(
        _ what: String, _ script: String, job: String, onLook: () async throws -> Void = {}
    ) async throws -> InstanceJob.Outcome {
        let start = ContinuousClock.now
        onEvent(.started(what, total: nil))
        do {
            var outcome = try await InstanceJob(shell: shell, name: job).run(
                prelude() + "\n" + script
            ) { line in
                onEvent(.advanced(what, bytes: 0, detail: MigratorOutput.shown(line)))
            } onLook: {
                try await onLook()
            }
            outcome.lastLines = ComposeProgress.removed(from: outcome.lastLines)
            onEvent(
                .finished(
                    what,
                    summary: outcome.status == 0
                        ? "done in \(Quantity.duration(.now - start))" : "\(ExitStatus(outcome.status))"))
            return outcome
        } catch let error as MigrationError {
            onEvent(.failed(what, error))
            throw error
        }
    }

    /// Runs a short command of docker-compose.
    func compose(_ arguments: String) async throws -> String {
        let reply = try await shell.run("\(try await prelude())\ncompose \(arguments)")
        guard reply.status == 0 else {
            throw try await refusal(arguments, reply)
        }
        return reply.output
    }

    static let noFolder: Int32 = 66

    /// The folder for `cd`, which has options, too, and goes back for `-`.
    private var place: String { folder.utf8.first == UInt8(ascii: "-") ? "./\(folder)" : folder }

    /// What every script begins with: `compose` is that form of compose which the machine has.
    func prelude() async throws -> String {
        """
        cd \(place.shellQuoted) || exit \(Self.noFolder)
        \(ComposeProgram.docker)
        compose() { command $as \(try await program.words(on: shell)) "$@"; }
        """
    }
}
