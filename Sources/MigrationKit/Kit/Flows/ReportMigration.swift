internal import MigrationKitFoundation

/// `mi-migrate report`: what journal, manifest and the records of the steps tell of a migration. It may be asked for at
/// any time, also while somebody works or after a failure, and changes nothing.
public struct ReportMigration: Sendable {
    /// The bucket with the snapshot.
    public var store: any ObjectStore
    /// The destination's name.
    public var server: String
    /// What was done.
    public var journal: MigrationJournal
    /// Whose migration it is, for the page's heading; nil: the destination's name.
    public var title: String?

    /// Names bucket, destination and journal.
    public init(store: any ObjectStore, server: String, journal: MigrationJournal) {
        (self.store, self.server, self.journal) = (store, server, journal)
    }

    /// Reads all of it.
    ///
    /// - Throws: ``MigrationError`` if the journal is damaged or cannot be read. A manifest or a record that is missing or
    ///   was altered is in the report's doubts instead.
    public func run() async throws -> MigrationReport { try await run(at: Date()) }

    /// - Parameter now: When the report is written.
    func run(at now: Date) async throws -> MigrationReport {
        try await journal.read()
        let state = await journal.state
        let holder = state.holder.flatMap { $0.isAtWork(beside: journal.writer) ? $0 : nil }
        let history = await MigrationReport.History(journal.entries, atWork: holder?.writer.run)
        var doubts: [MigrationReport.Doubt] = []
        let manifest = try await manifest(of: state, &doubts)
        let databases = try await databases(state, manifest, &doubts)
        let path: UpgradePath? = try await record(.upgrade, state, &doubts)
        var report = MigrationReport(
            createdAt: now, title: title,
            verdict: .init(kind: .unfinished, text: ""), snapshot: store.location, server: server,
            identity: state.identity,
            fromRelease: (path?.from).map { "\($0)" } ?? databases.lazy.compactMap(\.dump?.sourcegraphVersion).first,
            toRelease: (path?.to).map { "\($0)" }, beganAt: state.openedAt, importedAt: state.completedAt,
            runs: history.runs, steps: steps(history, state, manifest), restore: history.restore,
            instant: manifest?.instant, databases: databases,
            upgrade: path.map(MigrationReport.Upgrade.init),
            check: try await record(.check, state, &doubts), acceptance: try await record(.test, state, &doubts),
            doubts: doubts,
            journal: .init(
                location: journal.location ?? "memory", entries: await journal.entries.count, hash: await journal.hash,
                earlier: history.earlier))
        report.doubts = doubts
        report.verdict = report.judged()
        if report.steps.allSatisfy(\.state.isOver), report.openRestore == nil {
            report.window = MigrationWindow(state)
            report.endedAt = report.steps.flatMap(\.parts).flatMap(\.attempts).compactMap(\.endedAt).max()
        }
        return report
    }

    // MARK: Steps

    private func steps(
        _ history: MigrationReport.History, _ state: JournalState, _ manifest: SnapshotManifest?
    ) -> [MigrationReport.Step] {
        var bytes: [JournaledStep: Int64] = [:]
        for dump in manifest?.databases ?? [] {
            bytes[MigrationStep.prove.of(dump.database)] = dump.size
            bytes[.load(dump.database.dumpName)] = dump.size
            for part in dump.parts { bytes[.load(part.object.name)] = part.object.size }
        }
        let parts = history.parts.map { part in
            var part = part
            part.bytes = bytes[part.name]
            return part
        }
        return MigrationReport.Step.all(
            parts, databases: state.identity?.databases.count ?? 0, isImported: state.completedAt != nil)
    }

    // MARK: Databases

    private func manifest(
        of state: JournalState, _ doubts: inout [MigrationReport.Doubt]
    ) async throws -> SnapshotManifest? {
        // A bucket that another program has filled has none.
        if let identity = state.identity, identity.manifest == nil {
            let reason =
                identity.attempt.map { "\($0) is still being uploaded, and nothing is proven yet." }
                ?? "The snapshot had none: it was not uploaded by src-snapshot, so only rows were counted."
            doubts.append(.init(subject: SnapshotManifest.name, reason: reason, isProof: false))
            return nil
        }
        do {
            let manifest = try await SnapshotManifest(readFrom: store)
            if let expected = state.identity?.manifest,
                expected != JournalReader.hash(try JSONText.encode(manifest).utf8)
            {
                let reason = "It is not the one that was imported, so its contents are not shown."
                doubts.append(.init(subject: SnapshotManifest.name, reason: reason, isProof: false))
                return nil
            }
            return manifest
        } catch let error as MigrationError where error.code != .interrupted {
            doubts.append(.init(subject: SnapshotManifest.name, reason: error.message, isProof: false))
            return nil
        }
    }

    private func databases(
        _ state: JournalState, _ manifest: SnapshotManifest?, _ doubts: inout [MigrationReport.Doubt]
    ) async throws -> [DatabaseReport] {
        let names = state.identity?.databases ?? manifest?.databases.map(\.database.dumpName) ?? []
        var reports: [DatabaseReport] = []
        for database in names.compactMap(Database.init(anyName:)) {
            let step = MigrationStep.prove.of(database)
            let proof: ContentProof? = try await record(step, state, &doubts)
            if proof?.isEqual == false, state.isFinished(step) {
                doubts.append(
                    .init(
                        subject: "\(step)", reason: "The step is marked as done, but its record has differences.",
                        isProof: true
                    ))
            }
            let entry = manifest?.databases.first { $0.database == database }
            let estimate = try await estimate(of: database, &doubts)
            reports.append(
                DatabaseReport(database: database, entry: entry, proof: proof, estimate: estimate, state: state))
        }
        return reports
    }

    // MARK: Records

    /// What the stages were expected to take. Of an import without a rehearsal there is none.
    private func estimate(
        of database: Database, _ doubts: inout [MigrationReport.Doubt]
    ) async throws -> StageEstimate? {
        let step = MigrationStep.reset.of(database)
        do { return try await journal.record(of: step) } catch let error as MigrationError
            where error.code == .damagedSnapshot
        {
            doubts.append(.init(subject: "\(step)", reason: error.message, isProof: false))
            return nil
        }
    }

    private func record<Value: Decodable & Sendable>(
        _ step: MigrationStep, _ state: JournalState, _ doubts: inout [MigrationReport.Doubt]
    ) async throws -> Value? {
        try await record(JournaledStep(step), state, &doubts)
    }

    /// What a step has kept. That it is missing, or something else, is a doubt.
    private func record<Value: Decodable & Sendable>(
        _ step: JournaledStep, _ state: JournalState, _ doubts: inout [MigrationReport.Doubt]
    ) async throws -> Value? {
        do {
            let value: Value? = try await journal.record(of: step)
            if value == nil, state.isFinished(step), state.step(step)?.skipped == nil {
                let reason = "The step is marked as done, but it has no record of what it found."
                doubts.append(.init(subject: "\(step)", reason: reason, isProof: true))
            }
            return value
        } catch let error as MigrationError where error.code == .damagedSnapshot {
            doubts.append(.init(subject: "\(step)", reason: error.message, isProof: true))
            return nil
        }
    }
}
