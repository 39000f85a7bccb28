internal import MigrationKitFoundation

/// `mi-migrate test`: whether a migrated instance is what was dumped, and well.
///
/// 1. The instance is asked which it is; the token has to be a site admin's.
/// 2. It is compared with the summary of the one that it came from.
/// 3. Meanwhile its health is looked at, whatever the comparison comes to; four questions at a time.
/// 4. What may come right by itself is looked at again, for as long as was asked for.
public struct TestInstance: Sendable {
    /// Asks the instance.
    public var client: SourcegraphClient
    /// The instance that it came from.
    public var expected: SnapshotSummary
    /// How long ago a failure may have been that counts.
    public var since = Duration.seconds(3600)
    /// For how long is looked again: until nothing fails, and twice in a row the same was found.
    public var patience = Duration.zero
    /// How long is waited before it is looked again.
    public var interval = Duration.seconds(15)
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// An instance that has just started does not know its providers' metadata yet; that is waited for unasked.
    var patienceAfterStart = Duration.seconds(30)

    /// Names an instance and a summary; see the properties.
    public init(
        client: SourcegraphClient, expected: SnapshotSummary, onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.client = client
        self.expected = expected
        self.onEvent = onEvent
    }

    /// Tests the instance.
    ///
    /// - Returns: What came of it, whether it is good or bad.
    /// - Throws: `CancellationError` alone: an instance that cannot be reached is a finding.
    public func run() async throws -> AcceptanceReport {
        let start = ContinuousClock.now
        let begin = Date()
        var last: [[String]] = []
        var attempts = 0
        while true {
            attempts += 1
            let findings = try await look(from: begin)
            var report = AcceptanceReport(
                findings: findings, attempts: attempts, duration: ContinuousClock.now - start)
            // Not by what they say: while an instance works, its numbers change with every look.
            let verdicts = findings.map { [$0.place, $0.name, $0.verdict.rawValue] }
            let isStable = patience == .zero || verdicts == last
            if report.isPassed && isStable { return report }
            let failed = findings.filter { $0.verdict == .fail }
            let isHopeless = failed.contains { !$0.mayClear }
            let left = start + patience(for: failed) - .now
            guard !isHopeless, left > .zero else {
                if report.isPassed { report.findings.append(Self.notSettled) }
                return report
            }
            last = verdicts
            let names = failed.map(\.name).joined(separator: ", ")
            let pause = min(interval, left)
            let state = failed.isEmpty ? "All checks pass; checking again" : "Not yet: \(names); checking again"
            onEvent(
                .notice(
                    .init(
                        .checksRepeated,
                        "\(state) in \(Quantity.duration(pause)), for \(Quantity.duration(left)) at most.",
                        [
                            "checks": .init(failed.map(\.name)), "seconds": .init(pause), "secondsLeft": .init(left),
                        ])))
            try await Task.sleep(for: pause)
        }
    }

    private static let notSettled = Finding(
        "stability", in: "health", .warn,
        "The last check passed, but no two checks in a row had the same results in the time allowed.",
        remedy: "Test again with a longer --wait.")

    private func patience(for failed: [Finding]) -> Duration {
        let onlyStarts = failed.allSatisfy { $0.name == "auth-providers" }
        return onlyStarts && !failed.isEmpty ? max(patience, patienceAfterStart) : patience
    }

    private func look(from begin: Date) async throws -> [Finding] {
        let instance: SourcegraphInstance
        do {
            instance = try await SourcegraphInstance(client)
            try instance.requireSiteAdmin()
        } catch let error as MigrationError {
            try Task.checkCancellation()
            var finding = Finding(AcceptanceReport.reachable, in: "instance", error)
            finding.mayClear = error.mayClear
            return [finding]
        }
        let who = Finding(
            AcceptanceReport.reachable, in: "instance", .pass,
            "\(client.access.name) is Sourcegraph \(instance.productVersion.printable), with the token of "
                + "\(instance.user?.username.printable ?? "nobody").")
        let health = InstanceHealth(
            instance: instance, expected: expected, since: begin.addingTimeInterval(-(since / .seconds(1))))
        async let compared = comparison(instance)
        async let found = health.findings()
        return try await [who] + compared + found
    }

    private func comparison(_ instance: SourcegraphInstance) async throws -> [Finding] {
        do {
            return SummaryComparison(expected: expected, found: try await instance.summary(asksAlerts: false)).findings
        } catch let error as MigrationError {
            try Task.checkCancellation()
            var finding = Finding("summary", in: "summary", error)
            finding.mayClear = true
            return [finding]
        }
    }
}
