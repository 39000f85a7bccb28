/// The snapshots of several databases, held at once.
struct HeldInstant: Sendable {
    let snapshots: [Database: HeldSnapshot]
    let instant: SnapshotInstant

    /// The same dumper, reading the snapshot that is held of its database.
    func reading(_ dumper: any DatabaseDumper) -> any DatabaseDumper {
        guard var dumper = dumper as? PgDump, let held = snapshots[dumper.database] else { return dumper }
        dumper.portion.snapshot = held.id
        return dumper
    }

    /// The snapshots had to be given up: what was read of them counts for nothing, and they may be taken again.
    struct Lost: Error {
        /// Why, and what to do if it goes on.
        let error: MigrationError

        /// A holder is gone.
        init(holderOf database: Database, _ reason: MigrationError) {
            error = MigrationError(
                reason.code,
                "The session that held the snapshot of \(database.rawValue) is gone, and the moment with it.",
                next: "Find out what ended it (the server's log says), then run the same command again.",
                details: [reason.message] + reason.details)
        }

        /// A change, such as ALTER or TRUNCATE, came between the holder's lock of a table and a reader's: it waits for
        /// the holder, the reader for the change, and the holder for the reader.
        init?(change reason: MigrationError) {
            guard Self.isTimeout(reason) else { return nil }
            error = MigrationError(
                reason.code, "A change of a table waits for the export, and the export waited for the change.",
                next: "Run the same command again when nobody changes tables.",
                details: [reason.message] + reason.details)
        }

        /// What pg_dump had written of a database before it was cut off is not what it wrote when it was run again: bytes
        /// were lost on the way, or a sequence has moved, which no snapshot keeps.
        init(differingDumpsOf database: Database, _ reason: MigrationError) {
            error = MigrationError(
                .failed,
                "pg_dump was cut off, and its next run wrote something else for \(database.rawValue).",
                next: "Stop what writes to the database, then run the same command again.",
                details: [reason.message] + reason.details)
        }

        /// Our own sessions have a limit for locks. pg_dump sets one for the statement that takes them, and none else;
        /// it hands on no SQLSTATE, so its server is understood in English only.
        private static func isTimeout(_ error: MigrationError) -> Bool {
            if let state = error.sqlState { return state == ServerTrouble.lockTimeout.sqlState }
            return ([error.message] + error.details).contains {
                $0.contains("canceling statement due to lock timeout")
                    || $0.contains("canceling statement due to statement timeout")
            }
        }
    }

    /// A table that is made while others are being locked is met seldom, and hardly twice.
    private static let attempts = 5
    private static let lookInterval = Duration.seconds(5)

    /// Takes the snapshots, and holds them while `body` runs.
    ///
    /// - Parameters:
    ///   - dumpers: The databases.
    ///   - serverMajors: The versions of their servers.
    ///   - lockTimeout: How long is waited for the lock of a table.
    ///   - onEvent: Is told who is waited for.
    ///   - body: Reads them; it is cancelled if a holder dies.
    /// - Throws: ``Lost`` if a holder is gone before `body` has ended, or had to let a change of a table go first; ``MigrationError`` if a server refuses; what
    ///   `body` throws.
    static func with<Value: Sendable>(
        _ dumpers: [PgDump], serverMajors: [Database: Int], lockTimeout: Duration,
        onEvent: @escaping MigrationEventHandler, _ body: @escaping @Sendable (HeldInstant) async throws -> Value
    ) async throws -> Value {
        try await withHolders(dumpers[...], serverMajors, lockTimeout) { holders in
            let held = try await take(holders, onEvent)
            do {
                let value = try await watching(holders) { try await body(held) }
                try await confirm(holders)
                return value
            } catch let error as MigrationError {
                // Whoever reads a snapshot that is gone fails in many ways.
                try await confirm(holders)
                throw Lost(change: error) ?? error
            }
        }
    }

    private static func withHolders<Value: Sendable>(
        _ dumpers: ArraySlice<PgDump>, _ serverMajors: [Database: Int], _ lockTimeout: Duration,
        _ holders: [SnapshotHolder] = [], _ body: ([SnapshotHolder]) async throws -> Value
    ) async throws -> Value {
        guard let dumper = dumpers.first else { return try await body(holders) }
        let major = serverMajors[dumper.database] ?? DumpPreflight.oldestServerMajor
        return try await SnapshotHolder.with(dumper, serverMajor: major, lockTimeout: lockTimeout) { holder in
            try await withHolders(dumpers.dropFirst(), serverMajors, lockTimeout, holders + [holder], body)
        }
    }

    /// Locks in all databases, then takes all snapshots at once.
    private static func take(
        _ holders: [SnapshotHolder], _ onEvent: @escaping MigrationEventHandler
    ) async throws -> HeldInstant {
        for _ in 0..<attempts {
            let locked = try await each(holders) { try await $0.lock(onEvent) }
            let start = ContinuousClock.now
            let taken = try await each(holders) { try await ($0.take(locked[$0.database] ?? []), ContinuousClock.now) }
            let snapshots = taken.compactMapValues(\.0)
            let end = taken.values.map(\.1).max() ?? start
            guard snapshots.count == holders.count else {
                // All of them: those that were taken are of another moment than those to come.
                _ = try await each(holders) { try await $0.release() }
                continue
            }
            return HeldInstant(
                snapshots: snapshots,
                instant: SnapshotInstant(
                    moments: snapshots.values.map(\.moment).sorted { $0.database < $1.database },
                    distanceMilliseconds: (end - start) / .milliseconds(1)))
        }
        throw MigrationError(
            .failed, "Tables are created in the databases all the time, so no snapshot of all of them can be locked.",
            next: "Run the same command again when less is going on.")
    }

    private static func each<Value: Sendable>(
        _ holders: [SnapshotHolder], _ act: @escaping @Sendable (SnapshotHolder) async throws -> Value
    ) async throws -> [Database: Value] {
        try await withThrowingTaskGroup(of: (Database, Value).self) { group in
            for holder in holders { group.addTask { (holder.database, try await act(holder)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// Runs `body` while all holders live.
    private static func watching<Value: Sendable>(
        _ holders: [SnapshotHolder], _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            for holder in holders {
                group.addTask {
                    while true {
                        try await Task.sleep(for: lookInterval)
                        try await confirm([holder])
                    }
                }
            }
            group.addTask { try await body() }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }

    private static func confirm(_ holders: [SnapshotHolder]) async throws {
        for holder in holders {
            do { try await holder.confirm() } catch let error as MigrationError {
                throw Lost(holderOf: holder.database, error)
            }
        }
    }
}
