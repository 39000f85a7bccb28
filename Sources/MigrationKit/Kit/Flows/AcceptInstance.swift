/// The steps that a migration takes with its instance: it is stopped and started, made ready, checked, tested and handed
/// over.
public struct AcceptInstance: Sendable {
    /// The instance.
    public var instance: any InstanceController
    /// What was done so far.
    public var journal: MigrationJournal
    /// The operator's own program for managed instances, where it is installed and wanted.
    public var mi: MiCommand?
    /// Asks the instance as a site admin; throws if it is not said which, or as whom.
    public var client: @Sendable () throws -> SourcegraphClient
    /// The customer's administrator, who gets an account; nil: none is made.
    public var adminEmail: String?
    /// The address that the instance's users know; nil: that which it is asked at.
    public var externalURL: String?
    /// The machines of the instance's executors; nil: nobody has said which.
    package var executors: ExecutorGroup?
    /// How long the instance may take until all is well.
    public var patience = Duration.seconds(600)
    /// Takes what the operator alone may see: the link that the administrator sets a password with.
    package var onSecret: OperatorSecret.Handler = { _ in }
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// How long executors may take to register, and how long is waited at most before it is looked again.
    var executorPatience = (all: Duration.seconds(300), pause: Duration.seconds(10))

    /// Names instance and journal; see the properties.
    public init(
        instance: any InstanceController, journal: MigrationJournal, mi: MiCommand? = nil,
        client: @escaping @Sendable () throws -> SourcegraphClient, onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.instance, self.journal, self.mi) = (instance, journal, mi)
        (self.client, self.onEvent) = (client, onEvent)
    }

    /// Whether the steps have what they need, as far as that can be told before anything runs.
    func checkSettings(for steps: [MigrationStep]) throws {
        let asking: [MigrationStep] = mi == nil ? [.initialize, .check, .test, .notice] : [.test, .notice]
        if asking.contains(where: steps.contains) {
            let access = try client().access
            guard access.token != nil || access.headers["authorization"] != nil else {
                throw MigrationError(
                    .usage, "SRC_ACCESS_TOKEN is not set: nobody could test \(access.name) after the upgrade.",
                    next: "Set it to the token of a site admin of the customer's instance, whose tokens come with the "
                        + "databases. If there is none yet, stop before that step: `mi-migrate run --until=start`.")
            }
        }
    }

    // MARK: Steps

    func freeze() async throws {
        let step = JournaledStep(.freeze)
        try await journal.step(step) {
            try await journal.job(.init(step, "down")) { try await instance.freeze(job: $0) }
        }
    }

    func start() async throws {
        let step = JournaledStep(.start)
        try await journal.step(step) {
            try await journal.job(.init(step, "up")) { try await instance.start(job: $0) }
        }
    }

    func initialize() async throws {
        let step = JournaledStep(.initialize)
        try await journal.step(step) {
            if let mi { return try await mi.initialize(adminEmail, onSecret) }
            var flow = InitializeInstance(client: try client(), onSecret: onSecret, onEvent: onEvent)
            (flow.externalURL, flow.adminEmail, flow.patience) = (externalURL, adminEmail, patience)
            flow.begun = try await journal.record(of: step)
            flow.remember = { [journal] in try await journal.keep($0, of: step) }
            return try await flow.run()
        }
    }

    func check() async throws {
        let step = JournaledStep(.check)
        try await journal.step(step) {
            var findings = try await waitUntilWell { try await instance.check() + frontend() }
            // A machine that a run before has given to the executors goes back in any case.
            let isScaled = await journal.operation(Self.executorKey) != nil
            if mi == nil, isScaled || !findings.contains(where: { $0.verdict == .fail }) {
                findings.append(try await executorFinding())
            }
            for finding in findings where finding.verdict == .warn {
                onEvent(
                    .warning(
                        .init(
                            .checkDoubtful, [finding.reason, finding.remedy ?? ""].joined(separator: " "),
                            [
                                "check": .init(finding.name), "place": .init(finding.place),
                                "reason": .init(finding.reason), "remedy": .init(finding.remedy),
                            ])))
            }
            try await journal.keep(findings, of: step)
            try findings.requireNoFailure("\(instance.name) is not healthy.")
            if let mi { return "\(findings.tally) \(try await mi.checkExecutors())" }
            return findings.tally
        }
    }

    /// Where `mi` does not look.
    private func frontend() async throws -> [Finding] {
        guard mi == nil else { return [] }
        let release = try await instance.configuration().release
        return [try await FrontendCheck(client: try client(), release: release).look().0]
    }

    private static let executorKey = JournaledOperation(JournaledStep(.check), "executors")

    private func executorFinding() async throws -> Finding {
        let key = Self.executorKey
        var check = ExecutorCheck(
            instance: try await SourcegraphInstance(try client()), group: executors, onEvent: onEvent)
        (check.patience, check.pause) = executorPatience
        if let name = await journal.operation(key)?.name { check.before = ExecutorGroup.Scale(journaled: name) }
        // A run that is killed meanwhile leaves the group as the test has it: the next one has to know.
        check.willChange = { [journal] scale in
            try await journal.append(.waiting(step: key, operation: scale.journaled))
        }
        return try await check.finding()
    }

    func test(_ store: any ObjectStore) async throws {
        let step = JournaledStep(.test)
        try await journal.step(step) {
            let expected = try await SummaryLocation.inSnapshot(store)
            var test = TestInstance(client: try client(), expected: expected, onEvent: onEvent)
            test.patience = patience
            var report = try await test.run()
            if let finding = try await databaseFinding() { report.findings.append(finding) }
            try await journal.keep(report, of: step)
            try report.findings.requireNoFailure("\(instance.name) is not ready to hand over.")
            return report.findings.tally
        }
    }

    /// Whether the instance, now that it runs, still uses the databases that were upgraded; nil where nobody has marked
    /// them.
    private func databaseFinding() async throws -> Finding? {
        let step = JournaledStep(.match)
        guard let matched = await journal.state.step(step), matched.progress == .done,
            let mark: DatabaseMark = try await journal.record(of: step)
        else { return nil }
        do {
            try await mark.require(at: instance)
            return Finding("databases", in: "instance", .pass, "\(instance.name) uses the imported databases.")
        } catch let error as MigrationError where error.code != .interrupted && error.code != .unreachable {
            return Finding("databases", in: "instance", error)
        }
    }

    func removeNotice() async throws {
        try await journal.step(JournaledStep(.notice)) {
            let found = try await SourcegraphInstance(try client())
            try found.requireSiteAdmin()
            let outcome = try await SiteNotice(found, onEvent: onEvent).remove()
            return outcome.hasChanged ? "removed the notice" : "there was no notice"
        }
    }

    /// Checks again as long as what failed may clear by itself.
    private func waitUntilWell(_ look: () async throws -> [Finding]) async throws -> [Finding] {
        let deadline = ContinuousClock.now + patience
        var pauses = Pauses(upTo: .seconds(2))
        var told: [String] = []
        while true {
            let findings = try await look()
            let failed = findings.filter { $0.verdict == .fail }
            guard !failed.isEmpty, failed.allSatisfy(\.mayClear), .now < deadline else { return findings }
            let names = failed.map(\.name)
            if names != told {
                onEvent(
                    .warning(
                        .init(
                            .instanceNotReady,
                            "Not yet: \(names.joined(separator: ", ")). Checking again, for "
                                + "\(Quantity.duration(deadline - .now)) at most.",
                            ["checks": .init(names), "secondsLeft": .init(deadline - .now)])))
                told = names
            }
            try await pauses.wait()
        }
    }
}

extension [Finding] {
    fileprivate func requireNoFailure(_ message: String) throws {
        let failed = filter { $0.verdict == .fail }
        guard !failed.isEmpty else { return }
        throw MigrationError(
            .acceptanceFailed, message, next: "Fix the failed checks, then run the same command again.",
            details: failed.flatMap { finding in
                ["\(finding.place) \(finding.name): \(finding.reason)"] + finding.details
                    + (finding.remedy.map { [$0] } ?? [])
            })
    }
}
