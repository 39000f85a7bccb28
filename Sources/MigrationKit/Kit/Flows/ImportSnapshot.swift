/// `mi-migrate import`: loads a snapshot into a server and proves that it holds what was dumped.
///
/// 1. Validate: the bucket, whole, and the destination, where all that can be tried is tried in a scratch database,
///    before anything is destroyed.
/// 2. Agree: ask whether the databases may be dropped.
/// 3. Back up, if that is wanted.
/// 4. Reset the databases.
/// 5. Create their extensions.
/// 6. Load the dumps, or the parts of those that were split.
/// 7. Prove: rows and content digests of every table, and the sequences, read back from the server.
/// 8. `ANALYZE`.
///
/// Each step is in the journal before and after it is done. A run that is started again does what is left.
///
/// With ``waitsForUpload``, stages 2 to 6 begin while the snapshot is still being uploaded; all of them follow once it is
/// complete, for what is left.
public struct ImportSnapshot: Sendable {
    /// The bucket.
    public var store: any ObjectStore
    /// The destination.
    public var importer: any DatabaseImporter
    /// What was done so far.
    public var journal: MigrationJournal
    /// Which databases.
    public var databases: [Database]
    /// Whether other sessions are ended; else they are an error.
    public var terminatesConnections = false
    /// Whether objects are read whole though the store's checksums say the same.
    public var readsObjects: Bool
    /// How long an upload may stand still that is followed: rows are loaded as they arrive. Nil: the snapshot has to be
    /// complete.
    public var waitsForUpload: Duration?
    /// Whether objects are read whole once more after an upload was followed.
    package var readsFollowed = false
    /// Whether the instance is backed up before anything is dropped.
    public var backsUp = false
    /// Whether what is in the journal is left behind, and all done again.
    public var startsOver = false
    /// Whether somebody else who seems to be at work is pushed aside.
    public var takesOver = false
    /// Why dumps are taken that do not hold all of a database; nil: they are not.
    public var acceptsIncomplete: String?
    /// What is looked at of the instance that the databases are for; nil: nobody has said which it is, or has looked.
    package var preflight: InstancePreflight?
    /// Whether dumps are refused of instances that cannot be moved as they were.
    var refusesInstances = true
    /// What a rehearsal took; nil: nobody has rehearsed, and no durations are told.
    package var rates: ImportRates?
    /// What somebody has agreed to: then nobody is asked, and what is not so any more is refused.
    public var agreed: ImportPlan?
    /// The last step that is done.
    public var until = MigrationStep.analyze
    /// Whether the instance that writes to the databases is stopped between stages 2 and 3, by whoever runs them.
    var isFrozenFirst = false
    /// Why statistics are not gathered, in somebody's words; nil: they are.
    var skipsAnalyze: String?
    /// Asked before anything is dropped; false ends the import.
    public var confirm: @Sendable (ImportPlan) async throws -> Bool
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names bucket and destination; see the properties.
    public init(
        store: any ObjectStore, importer: any DatabaseImporter,
        journal: MigrationJournal = MigrationJournal(store: nil),
        databases: [Database] = Database.allCases, confirm: @escaping @Sendable (ImportPlan) async throws -> Bool,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.store = store
        self.importer = importer
        self.journal = journal
        self.databases = databases
        self.confirm = confirm
        self.onEvent = onEvent
        // What the server fetches by itself is not read here but for this.
        readsObjects = !importer.fetchesObjects
    }

    /// Imports the snapshot.
    ///
    /// - Returns: The proof of each database.
    /// - Throws: ``MigrationError``; with code `proof-failed` if a server holds anything else than was dumped.
    public func run() async throws -> ImportReport {
        do {
            return try await journal.working(takingOver: takesOver) {
                guard let followed = try await prepareToFollow() else { return try await importComplete() }
                try await importArriving(followed)
                return try await afterFollowing.importComplete()
            }
        } catch is CancellationError where journal.location != nil {
            throw MigrationError(
                .interrupted, "Stopped.", next: "Run the same command again: it resumes where it stopped.")
        }
    }

    private func importComplete() async throws -> ImportReport {
        switch try await prepare() {
        case .over(let report): report
        case .agreed(let snapshot): try await importAll(of: snapshot)
        }
    }

    /// What an import comes to before anything is changed.
    enum Prepared: Sendable {
        /// Nothing is left to do, or nothing else was wanted.
        case over(ImportReport)
        /// The databases may be dropped.
        case agreed(ImportedSnapshot)
    }

    /// Stages 1 and 2, while the journal is held.
    func prepare() async throws -> Prepared {
        try await failing {
            let snapshot = try await validate()
            let identity = try await identity(of: snapshot)
            try await requireNoOpenRestore()
            if let report = try await completed(identity) { return .over(report) }
            let resumes = try await resumes(identity, snapshot.manifest)
            if until == .validate {
                show(try await plan(for: snapshot, identity, resumes))
                return .over(ImportReport(proofs: []))
            }
            if resumes {
                try await seal(identity)
                try await undoTornLoads(snapshot)
                await warnOfOtherWay(snapshot)
            }
            try await agree(on: snapshot, identity, resumes)
            if resumes { try await undoLoadsOfOtherWay(snapshot) }
            if !resumes { try await journal.append(.opened(identity, plan: agreed?.id)) }
            return .agreed(snapshot)
        }
    }

    /// Stages 3 to 8, while the journal is held.
    func importAll(of snapshot: ImportedSnapshot) async throws -> ImportReport {
        try await failing {
            try await ServerPatience.holding(journal, onEvent) {
                try await backUp(snapshot)
                try await reset(snapshot)
                try await createExtensions(snapshot)
                let proofs = try await loadAndProve(snapshot)
                try await analyze(snapshot)
                tellOfEnd()
                return ImportReport(proofs: proofs, completedAt: await journal.state.completedAt)
            }
        }
    }

    /// What fails without a code of its own is a failure of the import.
    func failing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch var error as MigrationError {
            if error.code == .failed { error.code = .importFailed }
            throw error
        }
    }

    private func tellOfEnd() {
        guard until < .analyze else { return }
        onEvent(
            .notice(
                .init(
                    .importStopped,
                    "Stopped after the step \(until.rawValue) (--until). To resume, run the command without --until.",
                    ["step": .init(until.rawValue)])))
    }

    /// Looks at everything that an import would look at, and changes nothing.
    ///
    /// - Returns: What an import would do, and destroy.
    /// - Throws: ``MigrationError`` for what would stop it.
    public func plan() async throws -> ImportPlan {
        try await journal.read()
        if let holder = await journal.state.holder, holder.isAtWork(beside: journal.writer) { throw holder.locked }
        let snapshot = try await validate()
        let identity = try await identity(of: snapshot)
        try await requireNoOpenRestore()
        // Where all is done, nothing is left for a plan.
        let isCompleted = try await completed(identity) != nil
        let resumes = try await resumes(identity, snapshot.manifest)
        if resumes { await warnOfOtherWay(snapshot) }
        return try await plan(for: snapshot, identity, resumes || isCompleted)
    }

    // MARK: 1. Validate

    private func validate() async throws -> ImportedSnapshot {
        // What is imported already is for whoever goes on with it.
        let isCompleted = try await isCompleted()
        if !isCompleted { try await preflight?.require() }
        onEvent(
            .notice(
                .init(
                    .verifyingSnapshot, "Verifying the snapshot in \(store.location).",
                    ["location": .init(store.location)])))
        var verification = VerifySnapshot(store: store, databases: databases, onEvent: onEvent)
        verification.readsObjects = readsObjects
        verification.tellsOfGaps = false
        verification.beforeReading = { told in
            if let told { try await judge(told) }
            if readsObjects, !isCompleted { _ = try await importer.describe(databases, needing: nil) }
        }
        let snapshot = try await verification.run(requiresManifest: importer.fetchesObjects)
        if snapshot.manifest == nil { try await judge(snapshot) }
        return ImportedSnapshot(snapshot, for: importer)
    }

    private func identity(of snapshot: ImportedSnapshot) async throws -> MigrationIdentity {
        MigrationIdentity(
            snapshot: MigrationIdentity.place(store.location),
            manifest: try snapshot.manifest.map { JournalReader.hash(try JSONText.encode($0).utf8) },
            target: try await importer.identity(), databases: snapshot.dumps.map(\.database.dumpName))
    }

    /// Whether all of it was done, and proven, by earlier runs: that can be told without reading the dumps.
    func isCompleted() async throws -> Bool {
        let state = await journal.state
        guard state.completedAt != nil, !startsOver else { return false }
        guard try await store.list().contains(SnapshotManifest.name) else {
            guard state.identity?.manifest != nil else { return false }
            throw MigrationError(
                .unmetRequirement, "The snapshot that was imported is no longer in \(store.location).",
                next: "Put its manifest.json back to resume; --start-over imports what is there now.")
        }
        let manifest = try await SnapshotManifest(readFrom: store)
        let dumps = manifest.databases.filter { databases.contains($0.database) }
        let snapshot = ImportedSnapshot(.init(manifest: manifest, dumps: dumps), for: importer)
        return try await state.identity?.isSame(as: identity(of: snapshot)) == true
    }

    /// Databases on their way back to a copy are those of no import, unless all begins again.
    func requireNoOpenRestore() async throws {
        if await !startsAnew() { try await RestoreDatabases.requireNoneBegun(journal) }
    }

    private func completed(_ identity: MigrationIdentity) async throws -> ImportReport? {
        let state = await journal.state
        guard await !startsAnew(), state.identity?.isSame(as: identity) == true, let completedAt = state.completedAt
        else { return nil }
        onEvent(
            .notice(
                .init(
                    .alreadyImported,
                    "This snapshot was imported into \(importer.serverName) and proven at "
                        + "\(TimeText.minutes(completedAt)). Nothing is left to do; --start-over imports it again.",
                    ["server": .init(importer.serverName), "at": .init(TimeText.seconds(completedAt))])))
        return ImportReport(proofs: [], completedAt: completedAt)
    }

    /// A plan that starts over does so once: a run that carries it on does not.
    private func startsAnew() async -> Bool {
        guard let agreed else { return startsOver }
        let plan = await journal.state.plan
        return (startsOver || agreed.startsOver) && plan != agreed.id
    }

    /// Whether an earlier run has begun this very import, or has followed the upload of the snapshot.
    func resumes(_ identity: MigrationIdentity, _ manifest: SnapshotManifest?) async throws -> Bool {
        let state = await journal.state
        let startsAnew = await startsAnew()
        guard let before = state.identity, !startsAnew, state.completedAt == nil else { return false }
        if !before.isSame(as: identity), let attempt = before.followed(beside: identity) {
            guard try await counts(attempt, for: manifest) else { return false }
        } else if !before.isSame(as: identity) {
            throw MigrationError(
                .unmetRequirement,
                before.target == identity.target
                    ? "The import that was started at \(state.openedAt.map(TimeText.minutes) ?? "") is of another snapshot."
                    : "The import was started into another server than \(importer.serverName).",
                next: "If that is intended, --start-over abandons the earlier import.")
        }
        let done = state.steps.count { $0.finishedAt != nil }
        onEvent(
            .notice(
                .init(
                    .importResumed,
                    "Resuming the import of \(state.openedAt.map(TimeText.minutes) ?? ""): \(done) steps are done.",
                    ["at": .init(state.openedAt.map(TimeText.seconds)), "steps": .init(done)])))
        return true
    }

    /// Asks, if anything is going to be dropped.
    func agree(on snapshot: ImportedSnapshot, _ identity: MigrationIdentity, _ resumes: Bool) async throws {
        let state = await stateToResume(snapshot)
        let isAgreed = agreed.map { $0.id == state.plan } ?? true
        if resumes, isAgreed, snapshot.parts(of: .reset).allSatisfy(state.isFinished) { return }
        let plan = try await plan(for: snapshot, identity, resumes)
        if let live = plan.live, await !startsAnew() {
            throw MigrationError(
                .unmetRequirement, live,
                next: "Check that this is the right destination. If its databases are to be dropped all the same, "
                    + "--start-over does that, once the destination's name is typed.")
        }
        // What is frozen ends its sessions, and a reset finds those that are left.
        if !plan.connections.isEmpty, !terminatesConnections, !isFrozenFirst {
            throw MigrationError(
                .unmetRequirement, "Other sessions are connected to the databases that would be dropped.",
                next: "Stop them, or end their sessions with --terminate-connections.",
                details: plan.connections.map(\.description)
            )
        }
        if let agreed {
            try plan.check(against: agreed, goesOn: resumes && isAgreed)
            if plan.live == nil { return }
        }
        guard try await confirm(plan) else {
            throw MigrationError(.usage, "Not confirmed. Nothing was changed.")
        }
    }

    private func show(_ plan: ImportPlan) {
        if !plan.connections.isEmpty {
            onEvent(
                .warning(
                    .init(
                        .sessionsConnected,
                        "Other sessions are connected to the databases that would be dropped: "
                            + plan.connections.map(\.description).joined(separator: "; "),
                        ["sessions": .init(plan.connections.map(\.description))])))
        }
        if !plan.dropped.isEmpty {
            let dropped = plan.dropped.map { "\($0.name) (\(Quantity.bytes($0.size)))" }.joined(separator: ", ")
            onEvent(
                .notice(
                    .init(
                        .databasesToDrop, "Would be dropped: \(dropped).",
                        [
                            "databases": .init(plan.dropped.map(\.name)),
                            "bytes": .array(plan.dropped.map { JSONValue($0.size) }),
                        ])))
        }
        if let live = plan.live { onEvent(.warning(.init(.finishedMigration, live, ["server": .init(plan.server)]))) }
        onEvent(.notice(.init(.validated, "Validated: the import can run. Nothing was changed.")))
    }

    private func plan(
        for snapshot: ImportedSnapshot, _ identity: MigrationIdentity, _ resumes: Bool
    ) async throws -> ImportPlan {
        let extensions = snapshot.dumps.flatMap(\.contents.extensions)
        let state = try await importer.describe(snapshot.dumps.map(\.database), needing: extensions)
        for dump in snapshot.dumps { try state.check(dump, importer.serverName) }
        return ImportPlan(
            identity: identity, server: importer.serverName, snapshot, destination: state,
            done: resumes ? await stateToResume(snapshot) : JournalState(), live: resumes ? nil : await live(state),
            journal: await journal.state.mark, backsUp: doesBackUp,
            startsOver: startsOver || agreed?.startsOver == true, way: snapshot.way(importer),
            estimate: estimate)
    }

    var estimate: ImportEstimate? { rates.map { ImportEstimate(rates: $0, importer: importer) } }

    /// Why the databases that would be dropped may be in use, by this journal or by the mark of another one.
    private func live(_ destination: DestinationState) async -> String? {
        if let since = await journal.state.liveSince {
            return "A migration into \(importer.serverName) was finished: its instance was started at "
                + "\(TimeText.minutes(since))."
        }
        let own = await DatabaseMark.beginning(of: journal)
        let strange = destination.existing.filter { $0.mark?.hasPrefix(own) == false }
        guard !strange.isEmpty else { return nil }
        return "\(strange.map(\.name).joined(separator: ", ")) on \(importer.serverName) belong to another migration, "
            + "which has matched an instance with them; its journal is not the one in \(journal.location ?? "memory")."
    }

    /// A load that goes with the process that asked for it may have been committed by a run that died before it could
    /// say so: nobody knows, so that database begins again. A part has noted in the database whether it was.
    private func undoTornLoads(_ snapshot: ImportedSnapshot) async throws {
        guard !importer.fetchesObjects else { return }
        for load in snapshot.loads where !load.isPart {
            guard let step = await journal.state.step(load.step), step.finishedAt == nil,
                step.error == nil
            else { continue }
            try await undo(load.database, snapshot, "a run was stopped while it loaded")
        }
    }

    private func undo(_ database: Database, _ snapshot: ImportedSnapshot, _ reason: String) async throws {
        let steps = snapshot.steps(of: database)
        try await journal.append(.undone(steps: steps, reason: reason))
    }
}
