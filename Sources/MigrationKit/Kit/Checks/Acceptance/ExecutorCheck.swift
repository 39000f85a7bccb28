/// Whether an instance's executors register with it, if it has any.
///
/// Where their group of machines is named, it is given a machine if it has none, for as long as it takes to see; then it
/// has as many as before.
struct ExecutorCheck {
    let instance: SourcegraphInstance
    /// The machines; nil: nobody has said which.
    let group: ExecutorGroup?
    let onEvent: MigrationEventHandler
    /// What an earlier run, which was killed, has found before it changed the group.
    var before: ExecutorGroup.Scale?
    /// Is told what it was before the group is changed.
    var willChange: (ExecutorGroup.Scale) async throws -> Void = { _ in }
    /// How long executors may take to register.
    var patience = Duration.seconds(300)
    /// How long is waited at most before it is looked again.
    var pause = Duration.seconds(10)

    static let place = "executors"
    private static let config = "executors.accessToken"

    /// Looks.
    ///
    /// - Throws: `CancellationError`, once the group is as it was.
    func finding() async throws -> Finding {
        do {
            return try await look()
        } catch let error as MigrationError {
            try Task.checkCancellation()
            return Finding("executors", in: Self.place, error)
        }
    }

    private func look() async throws -> Finding {
        guard instance.api >= .hasExecutors else {
            return finding(.pass, "Sourcegraph \(instance.api) does not report executors.")
        }
        if let group { return try await scaling(group) }
        let active = try await active()
        if !active.isEmpty { return registered(active) }
        let isConfigured = try await hasToken()
        let known = try await instance.knownExecutors()
        guard isConfigured || known > 0 else { return finding(.pass, "No executors are set up.") }
        return finding(
            .warn,
            (isConfigured ? "Executors are set up (`\(Self.config)`)" : "The customer's instance had executors")
                + ", but none is registered. This cannot be tested without their machines.",
            remedy: "Specify their instance group: --executors=gcloud://project/zone/group.")
    }

    private func active() async throws -> [InstanceExecutor] { try await instance.executors().filter(\.active) }

    /// A value that is redacted is there all the same.
    private func hasToken() async throws -> Bool {
        let token = try await SiteConfiguration(of: instance).value[Self.config]?.text
        return token?.isEmpty == false
    }

    private func registered(_ active: [InstanceExecutor]) -> Finding {
        let names = FirstLines(active.map(\.description)).text
        if active.contains(where: { !$0.isOutdated }) {
            return finding(.pass, "\(active.count) executors are registered and up to date.", names)
        }
        return finding(
            .warn, "\(active.count) executors are registered, all of an older release.", names,
            remedy: "Update the image of their machines to Sourcegraph \(instance.api).")
    }

    private func finding(
        _ verdict: Finding.Verdict, _ reason: String, _ details: [String] = [], remedy: String? = nil
    ) -> Finding {
        Finding("executors", in: Self.place, verdict, reason, details: details, remedy: remedy)
    }

    // MARK: Scaling

    private func scaling(_ group: ExecutorGroup) async throws -> Finding {
        let found = try await group.scale()
        // One that a run has given and could not take back is no wish of anybody's.
        let original = before.map { found == $0.with(size: 1) ? $0 : found } ?? found
        if found.size > 0, original == found { return try await waitForExecutor(group) }
        if let limit = original.limit, limit < 1 {
            return finding(
                .fail, "The autoscaler of \(group) allows no machines: its maximum is \(limit).",
                remedy: "Allow at least one: --max-num-replicas of `gcloud compute instance-groups managed "
                    + "update-autoscaling`.")
        }
        try await willChange(original)
        onEvent(
            .notice(
                .init(
                    .executorStarting, "Starting a machine in \(group) until an executor registers.",
                    ["group": .init("\(group)")])))
        let outcome: Result<Finding, any Error>
        do {
            try await group.set(original.with(size: 1))
            outcome = .success(try await waitForExecutor(group))
        } catch { outcome = .failure(error) }
        // Also when it failed, and somebody has pressed Ctrl-C: that must not stop this.
        let back = Task { try await group.set(original) }
        do { try await back.value } catch { return left(group, original, error) }
        return try outcome.get()
    }

    /// A machine that nobody needs costs money until somebody sees it.
    private func left(_ group: ExecutorGroup, _ original: ExecutorGroup.Scale, _ error: any Error) -> Finding {
        finding(
            .fail, "\(group) may still have a machine that was started for the test.",
            (error as? MigrationError).map { [$0.message] + $0.details } ?? ["\(error)"],
            remedy: "Restore its size by hand: \(group.setting(original).maskedLine)")
    }

    private func waitForExecutor(_ group: ExecutorGroup) async throws -> Finding {
        let deadline = ContinuousClock.now + patience
        var pauses = Pauses(upTo: pause)
        while true {
            let active = try await active()
            if !active.isEmpty { return registered(active) }
            guard .now < deadline else { break }
            try await pauses.wait()
        }
        let details = try await hasToken() ? [] : ["The site configuration has no `\(Self.config)`."]
        return finding(
            .fail, "\(group) has a machine, but no executor registered within \(Quantity.duration(patience)).",
            details,
            remedy: "Check that the machines have the instance's URL and the same `\(Self.config)`, and read their "
                + "logs (journalctl -u executor).")
    }
}
