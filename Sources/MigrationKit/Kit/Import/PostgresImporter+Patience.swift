/// How something is begun again that only the server's trouble has stopped, and who is told of what it waits for.
struct ServerPatience: Sendable {
    /// That of the run that holds a migration; nil: nobody does, nothing is begun again, and nobody is told.
    @TaskLocal static var current: ServerPatience?

    /// Throws if somebody else has taken over the migration: it may have been them who ended the session.
    let requireHeld: @Sendable () async throws -> Void
    /// Takes warnings.
    let onEvent: MigrationEventHandler

    /// How often something is begun; an import that Cloud SQL carries out is asked for as often.
    fileprivate static let attempts = 3
    /// How long the server may let nobody in meanwhile: a restart takes seconds, a failover a minute or two.
    fileprivate static let limit = Duration.seconds(5 * 60)

    /// Runs `body` for whoever holds a migration by its journal.
    static func holding<Value>(
        _ journal: MigrationJournal, _ onEvent: @escaping MigrationEventHandler, _ body: () async throws -> Value
    ) async throws -> Value {
        let patience = ServerPatience(requireHeld: { try await journal.giveSignOfLife() }, onEvent: onEvent)
        return try await $current.withValue(patience) { try await body() }
    }
}

extension PostgresImporter {
    /// Does something that changes nothing unless it succeeds, and again where the server had trouble that passes.
    func steadily<Value>(_ body: () async throws -> Value) async throws -> Value {
        var attempt = 1
        var pauses = Pauses(from: .milliseconds(200), upTo: .seconds(10))
        var closedSince: ContinuousClock.Instant?
        while true {
            do { return try await body() } catch let error as MigrationError {
                guard let patience = ServerPatience.current, let trouble = ServerTrouble(of: error), trouble.isTransient
                else { throw error }
                try await patience.requireHeld()
                if trouble.isOutside {
                    let since = closedSince ?? .now
                    guard ContinuousClock.now - since < ServerPatience.limit else { throw error }
                    if closedSince == nil {
                        patience.onEvent(
                            .warning(
                                .init(
                                    .waitingForServer, "\(error.message) Waiting for it.",
                                    ["server": .init(serverName), "secondsLeft": .init(ServerPatience.limit)])))
                    }
                    closedSince = since
                } else {
                    guard attempt < ServerPatience.attempts else { throw error }
                    attempt += 1
                    (closedSince, pauses) = (nil, Pauses(from: .milliseconds(200), upTo: .seconds(10)))
                    patience.onEvent(
                        .warning(
                            .init(
                                .begunAgain, "\(error.message) Nothing was changed; trying again.",
                                ["server": .init(serverName), "attempt": .init(attempt)])))
                }
            }
            try await pauses.wait()
        }
    }
}
