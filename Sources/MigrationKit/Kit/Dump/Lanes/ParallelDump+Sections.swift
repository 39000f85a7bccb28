internal import NIOCore

extension ParallelDump {
    /// More schema than any instance has.
    private static let schemaLimit = 256 << 20

    /// Has pg_dump write what comes before the rows, which is used once all of it is there.
    func writeSchema(to handover: Handover, _ checksum: ContainerChecksum?) async {
        await write(to: handover) {
            let schema = try await withSections([.preData], checksum) { dump in
                try await dump.collected { size in
                    guard size <= Self.schemaLimit else {
                        throw MigrationError(.failed, "The schema is larger than expected.")
                    }
                }
            }
            try await handover.give(schema)
        }
    }

    /// Has pg_dump write the rows that lanes do not read, and what is built on all of them, which is handed on as it
    /// comes.
    func writeRest(to handover: Handover, _ checksum: ContainerChecksum?, _ watch: WaitWatch) async {
        await write(to: handover) {
            var rest = RepeatedDump()
            try await withSections([.data, .postData], checksum) { dump in
                rest.begin()
                for try await chunk in dump {
                    let pieces = try rest.pass(chunk)
                    // Nobody waits in vain for what comes a second time.
                    if pieces.isEmpty { watch.noteArrival() }
                    for piece in pieces { try await handover.give(piece) }
                }
                for piece in try rest.finish() { try await handover.give(piece) }
            }
        }
    }

    private func write(to handover: Handover, _ body: () async throws -> Void) async {
        do {
            try await body()
            await handover.end(.success(()))
        } catch {
            await handover.end(.failure(await namingBlockers(in: error)))
        }
    }

    /// Has pg_dump write some sections, and again if it is cut off.
    ///
    /// - Parameter body: Reads what it writes, each time from the beginning.
    private func withSections<Value: Sendable>(
        _ sections: [DumpPortion.Section], _ checksum: ContainerChecksum?,
        _ body: (ByteStream) async throws -> Value
    ) async throws -> Value {
        var dumper = source
        dumper.portion = DumpPortion(
            sections: sections, tablesWithoutRows: sections.contains(.data) ? held.tables.map(\.table) : [],
            snapshot: held.id, lockTimeout: lockTimeout)
        var failures: [MigrationError] = []
        while true {
            do {
                return try await dumper.withDump(checkedBy: checksum, body)
            } catch let error as MigrationError {
                failures.append(error)
                guard failures.count < Self.attempts, !error.isServerRefusal else { throw error }
                onEvent(
                    .warning(
                        .init(
                            .dumpBegunAgain, "\(error.message) Running pg_dump again under the same snapshot.",
                            ["database": .init(database.rawValue), "reason": .init(error.message)])))
            } catch let error as RepeatedDump.Differs {
                throw failures.first.map { HeldInstant.Lost(differingDumpsOf: database, $0) } ?? error
            }
        }
    }
}

extension MigrationError {
    /// Whether a server has refused what it was asked, and would again: it is not the connection that failed.
    ///
    /// pg_dump hands on no SQLSTATE: where its server does not speak English, it is run again for nothing.
    var isServerRefusal: Bool {
        if let sqlState {
            // What ends a session says nothing against what it was asked.
            guard !sqlState.hasPrefix("08"), !details.contains(where: { $0.contains("FATAL:") }) else { return false }
            guard let trouble = ServerTrouble(sqlState: sqlState, told: details) else {
                return sqlState != Self.conflictWithRecovery
            }
            return !trouble.isTransient && trouble != .canceled
        }
        return details.contains { line in
            line.contains("ERROR:") && !Self.passing.contains { line.contains("canceling statement due to \($0)") }
        }
    }

    /// Of a replica; where both have waited for each other, it is a deadlock.
    private static let conflictWithRecovery = "40001"

    private static let passing = ["user request", "conflict with recovery"]
}
