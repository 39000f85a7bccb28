/// A server that stops, or is not ready yet, is waited for: it may be the customer's own restart.
enum ServerRestart {
    /// How long it may take.
    private static let patience = Duration.seconds(60)
    private static let limit = "\(patience.components.seconds) s"
    private static let pause = Duration.milliseconds(500)

    /// What it says of itself in English; in another language it is not told which of them it is.
    private static let states = [
        "starting up", "shutting down", "in recovery mode", "not yet accepting connections",
    ]

    /// Asks a server something, again and again for as long as it restarts.
    ///
    /// - Parameters:
    ///   - onNotice: Is told once that it is waited for.
    ///   - ask: Asks it.
    /// - Returns: The answer, which may be a failure of another kind.
    /// - Throws: ``MigrationError`` if the server is not back in time; what `ask` throws.
    static func waiting(
        for dumper: PgDump, onNotice: (MigrationNotice) -> Void,
        _ ask: () async throws -> (output: String, outcome: CommandOutcome)
    ) async throws -> (output: String, outcome: CommandOutcome) {
        let (database, time) = (dumper.database, StallTime.current)
        var start: ContinuousClock.Instant?
        while true {
            var answer = try await ask()
            let state = try await state(of: answer.outcome, at: dumper, isRestarting: start != nil) {
                guard let second = try? await ask() else { return nil }
                answer = second
                return second.outcome
            }
            guard let state, answer.outcome.exitStatus != 0 else { return answer }
            let now = time.now()
            if start == nil {
                onNotice(
                    MigrationNotice(
                        .serverRestarting, "The server of \(database.rawValue) is \(state): waiting up to \(limit).",
                        [
                            "database": .init(database.rawValue), "state": .init("\(state)"),
                            "secondsLeft": .init(patience),
                        ]))
            }
            guard now - (start ?? now) < patience else {
                throw MigrationError(
                    .unreachable,
                    "The server of \(database.rawValue) is \(state), and was not ready within "
                        + "\(limit).",
                    next: "Wait until it accepts connections, then run the same command again.",
                    details: answer.outcome.lastLines)
            }
            start = start ?? now
            try await time.sleep(now + pause)
        }
    }

    /// What the server does; nil: it does not restart, as far as that can be seen.
    ///
    /// - Parameters:
    ///   - isRestarting: Whether it did a moment ago: between its stop and its start nobody listens.
    ///   - again: Asks it once more.
    private static func state(
        of outcome: CommandOutcome, at dumper: PgDump, isRestarting: Bool, again: () async -> CommandOutcome?
    ) async throws -> String? {
        guard outcome.exitStatus != 0 else { return nil }
        let trouble = try await ServerTrouble.judging(
            outcome, readiness: { await dumper.command.readiness(stallLimit: DumpPreflight.patience(dumper)) },
            again: again)
        switch trouble {
        // That of a replica which is never going to let anybody in.
        case .notReady where outcome.lastLines.contains { $0.contains("Hot standby mode is disabled") }: return nil
        case .notReady:
            let told = states.first { state in outcome.lastLines.contains { $0.contains("database system is \(state)") }
            }
            return told ?? "starting or stopping"
        case .refusedConnection, .endedSession: return isRestarting ? "not running" : nil
        default:
            // Of a socket that is gone psql says so.
            let isDown = outcome.lastLines.contains { $0.contains("Is the server running") }
            return isRestarting && isDown ? "not running" : nil
        }
    }
}
