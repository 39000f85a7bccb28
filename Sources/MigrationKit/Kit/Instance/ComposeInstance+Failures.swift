/// What does not go as it should on the machine, and why.
extension ComposeInstance {
    // MARK: Commands

    /// - Throws: ``MigrationError`` if a long command has failed, with the reason where docker tells it.
    func check(_ outcome: InstanceJob.Outcome, _ arguments: String) async throws {
        guard outcome.status != 0 else { return }
        let docker = DockerFailure.last(of: outcome.lastLines)
        let reason = docker.map { ": \($0.sentence)" } ?? "."
        let pull = try await typed("pull")
        throw MigrationError(
            .failed, "`\(try await typed(arguments))` \(ExitStatus(outcome.status)) on \(name)\(reason)",
            next: docker.map { DockerFailure.next($0.kind, pulling: pull) }
                ?? "Fix the cause there, then run the same command again.",
            details: outcome.lastLines.suffix(20) + ["full output: \(InstanceJob.place(outcome.folder, name))"])
    }

    /// Why a short command did not do what it should.
    func refusal(_ arguments: String, _ reply: InstanceShell.Reply) async throws -> MigrationError {
        let what = try await typed(arguments)
        let errors = ComposeProgress.removed(from: reply.errors)
        if let docker = DockerFailure.last(of: errors) {
            return MigrationError(
                .unmetRequirement, "`\(what)` failed on \(name): \(docker.sentence)",
                next: DockerFailure.next(docker.kind, pulling: try await typed("pull")),
                details: errors.count > 1 ? errors : [])
        }
        return MigrationError(
            .unmetRequirement, "`\(what)` failed in \(folder) on \(name).",
            next: reply.status == Self.noFolder
                ? "Set `deployment` to the folder with docker-compose.yaml." : "To see why, run it there.",
            details: errors)
    }

    // MARK: Services

    private static let linesShown = 20

    /// Why a service does not stay up: the last that it has said.
    func failure(of container: Container) async throws -> MigrationError {
        let log = try await logs(of: container.service)
        let ending = container.exitCode == 0 ? "" : " and \(ExitStatus(Int32(container.exitCode)))"
        let restarts = container.restarts > 0 ? "was restarted \(container.restarts) times" : "stopped"
        return MigrationError(
            .failed,
            "\(container.service) does not stay up on \(name): it \(restarts)\(ending)"
                + (log.last.map { ": \($0)" } ?? "."),
            next: "Fix the cause, then run the same command again. For its whole log, run "
                + "`\(try await typed("logs \(container.service)"))` in \(folder) there.",
            details: Array(log.suffix(Self.linesShown)))
    }

    /// What is still missing.
    struct Missing {
        var reason: String
        /// The service that it is about.
        var service: String?

        init(_ reason: String, _ service: String? = nil) { (self.reason, self.service) = (reason, service) }
    }

    /// - Parameter missing: What is still missing; nil: nothing.
    func waiting(_ missing: () async throws -> Missing?) async throws {
        let deadline = ContinuousClock.now + patience
        var pauses = Pauses(upTo: .seconds(1))
        while let missing = try await missing() {
            guard .now < deadline else {
                let log = if let service = missing.service { try await logs(of: service) } else { [String]() }
                throw MigrationError(
                    .failed, "\(name): \(missing.reason), after \(Quantity.duration(patience)).",
                    next: "Fix the cause, then run the same command again. For more, run "
                        + "`\(try await typed(["logs", missing.service].compactMap(\.self).joined(separator: " ")))` in \(folder) there.",
                    details: Array(log.suffix(Self.linesShown)))
            }
            try await pauses.wait()
        }
    }

    // MARK: A migrator that fails

    /// Compose restarts a migrator that fails for ever.
    static let attempts = 3

    /// - Returns: Whether there was one.
    func stopLoopingMigrator() async throws -> Bool {
        let migrator = try await containers().first { $0.service == Self.migrator && $0.restarts >= Self.attempts }
        guard let migrator, migrator.status != "exited" else { return false }
        onEvent(
            .warning(
                .init(
                    .migratorStopped, "The migrator failed \(migrator.restarts) times, so it was stopped.",
                    ["restarts": .init(migrator.restarts)])))
        _ = try await compose("stop \(Self.migrator)")
        return true
    }

    func migratorFailure(_ isStopped: Bool) async throws -> MigrationError? {
        let migrator = try await containers().first { $0.service == Self.migrator }
        guard let migrator, isStopped || migrator.hasFailed else { return nil }
        let release = try await configuration().migrator.flatMap { SourcegraphVersion($0) }
        return MigratorFailure(
            try await logs(of: Self.migrator), of: .up(release ?? .newestKnown), status: Int32(migrator.exitCode)
        ).error
    }
}
