/// `mi-migrate import`: loads a snapshot into a server and proves that it holds what was dumped.
///
/// 1. Validate: the bucket, whole, and the destination, where all that can be tried is tried in a scratch database,
///    before anything is destroyed. Ask.
/// 2. Back up, if that is wanted.
/// 3. Reset the databases.
/// 4. Make their extensions.
/// 5. Load the dumps, or the parts of those that were split.
/// 6. Prove: rows and content digests of every table, and the sequences, read back from the server.
/// 7. `ANALYZE`.
///
/// Each step is in the journal before and after it is done. A run that is started again does what is left.
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
    /// Whether the instance is backed up before anything is dropped.
    public var backsUp = false
    /// Whether what is in the journal is left behind, and all done anew.
    public var startsOver = false
    /// Whether somebody else who seems to be at work is pushed aside.
    public var takesOver = false
    /// Why dumps are taken that do not hold all of a database; nil: they are not.
    public var acceptsIncomplete: String?
    /// What somebody has agreed to: then nobody is asked, and what is not so any more is refused.
    public var agreed: ImportPlan?
    /// The last step that is done.
    public var until = MigrationStep.analyze
    /// Stops what else writes to the databases, once it is agreed that they are dropped.
    var freeze: (@Sendable () async throws -> Void)?
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
        do { return try await work() } catch is CancellationError where journal.location != nil {
            throw MigrationError(
                .interrupted, "Stopped.", next: "Run the same command to go on: what is done is in the journal.")
        }
    }

    private func work() async throws -> ImportReport {
        try await journal.working(takingOver: takesOver) { try await carryOut() }
    }

    /// Does it, while the journal is held.
    func carryOut() async throws -> ImportReport {
        do { return try await proceed() } catch var error as MigrationError {
            if error.code == .failed { error.code = .importFailed }
            throw error
        }
    }

    private func proceed() async throws -> ImportReport {
        let snapshot = try await validate()
        let identity = try await identity(of: snapshot)
        if let done = try await completed(identity) { return done }
        let goesOn = try await goesOn(identity)
        if until == .validate {
            validated(try await plan(for: snapshot, identity, goesOn))
            return ImportReport(proofs: [])
        }
        if goesOn { try await undoTornLoads(snapshot) }
        try await agree(on: snapshot, identity, goesOn)
        if !goesOn { try await journal.append(.opened(identity, plan: agreed?.id)) }
        try await freeze?()
        try await backUp(snapshot)
        try await reset(snapshot)
        try await createExtensions(snapshot)
        try await load(snapshot)
        let proofs = try await prove(snapshot)
        try await analyze(snapshot)
        if until < .analyze {
            onEvent(
                .notice(
                    "Stopped after the step \(until.rawValue), as was wanted. The same command without --until "
                        + "goes on."))
        }
        return ImportReport(proofs: proofs, completedAt: await journal.state.completedAt)
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
        // Where all is done, nothing is left for a plan.
        let isCompleted = try await completed(identity) != nil
        let goesOn = try await goesOn(identity)
        return try await plan(for: snapshot, identity, goesOn || isCompleted)
    }

    // MARK: 1. Validate

    private func validate() async throws -> ImportedSnapshot {
        onEvent(.notice("Verifying the snapshot in \(store.location)."))
        var verification = VerifySnapshot(store: store, databases: databases, onEvent: onEvent)
        verification.readsObjects = readsObjects
        verification.tellsOfGaps = false
        let snapshot = try await verification.run(requiresManifest: importer.fetchesObjects)
        try await judge(snapshot)
        return ImportedSnapshot(snapshot, byPart: importer.fetchesObjects)
    }

    private func identity(of snapshot: ImportedSnapshot) async throws -> MigrationIdentity {
        MigrationIdentity(
            snapshot: store.location,
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
                .unmetRequirement, "The snapshot that was imported is not in \(store.location) any more.",
                next: "Put its manifest.json back there to go on; --start-over imports what is there now.")
        }
        let manifest = try await SnapshotManifest(readFrom: store)
        let dumps = manifest.databases.filter { databases.contains($0.database) }
        let snapshot = ImportedSnapshot(.init(manifest: manifest, dumps: dumps), byPart: importer.fetchesObjects)
        return try await identity(of: snapshot) == state.identity
    }

    private func completed(_ identity: MigrationIdentity) async throws -> ImportReport? {
        let state = await journal.state
        guard await !startsAnew(), state.identity == identity, let completedAt = state.completedAt else { return nil }
        onEvent(
            .notice(
                "This snapshot was imported into \(importer.serverName) and proven at \(completedAt.printable). "
                    + "Nothing is left to do; --start-over imports it anew."))
        return ImportReport(proofs: [], completedAt: completedAt)
    }

    /// A plan that starts over does so once: a run that carries it on does not.
    private func startsAnew() async -> Bool {
        guard let agreed else { return startsOver }
        let plan = await journal.state.plan
        return (startsOver || agreed.startsOver) && plan != agreed.id
    }

    /// Whether an earlier run has begun this very import.
    private func goesOn(_ identity: MigrationIdentity) async throws -> Bool {
        let state = await journal.state
        let startsAnew = await startsAnew()
        guard let before = state.identity, !startsAnew, state.completedAt == nil else { return false }
        guard before == identity else {
            throw MigrationError(
                .unmetRequirement,
                before.target == identity.target
                    ? "The snapshot is another one than that whose import was begun at \(state.openedAt?.printable ?? "")."
                    : "\(importer.serverName) is another server than the one that the import was begun into.",
                next: "If that is meant, --start-over leaves the earlier import behind.")
        }
        let done = state.steps.count { $0.finishedAt != nil }
        onEvent(.notice("Going on with the import of \(state.openedAt?.printable ?? ""): \(done) steps are done."))
        return true
    }

    /// Asks, if anything is going to be dropped.
    private func agree(on snapshot: ImportedSnapshot, _ identity: MigrationIdentity, _ goesOn: Bool) async throws {
        let state = await journal.state
        let isAgreed = agreed.map { $0.id == state.plan } ?? true
        if goesOn, isAgreed, snapshot.parts(of: .reset).allSatisfy(state.isFinished) { return }
        let plan = try await plan(for: snapshot, identity, goesOn)
        // What is frozen ends its sessions, and a reset finds those that are left.
        if !plan.connections.isEmpty, !terminatesConnections, freeze == nil {
            throw MigrationError(
                .unmetRequirement, "Others are connected to the databases that would be dropped.",
                next: "Stop them, or end their sessions with --terminate-connections.",
                details: plan.connections.map(\.description)
            )
        }
        if let agreed { return try plan.check(against: agreed, goesOn: goesOn && isAgreed) }
        guard try await confirm(plan) else {
            throw MigrationError(.usage, "Not confirmed. Nothing was changed.")
        }
    }

    private func validated(_ plan: ImportPlan) {
        if !plan.connections.isEmpty {
            onEvent(
                .warning(
                    "Others are connected to the databases that would be dropped: "
                        + plan.connections.map(\.description).joined(separator: "; ")))
        }
        if !plan.dropped.isEmpty {
            let dropped = plan.dropped.map { "\($0.name) (\(Quantity.bytes($0.size)))" }.joined(separator: ", ")
            onEvent(.notice("Would be dropped: \(dropped)."))
        }
        onEvent(.notice("Nothing speaks against the import. Nothing was changed."))
    }

    private func plan(
        for snapshot: ImportedSnapshot, _ identity: MigrationIdentity, _ goesOn: Bool
    ) async throws -> ImportPlan {
        let extensions = snapshot.dumps.flatMap(\.contents.extensions)
        let state = try await importer.describe(snapshot.dumps.map(\.database), needing: extensions)
        for dump in snapshot.dumps { try state.check(dump, importer.serverName) }
        return ImportPlan(
            identity: identity, server: importer.serverName, snapshot, destination: state,
            done: goesOn ? await journal.state : JournalState(), journal: await journal.state.mark,
            backsUp: doesBackUp, startsOver: startsOver || agreed?.startsOver == true)
    }

    /// A load that goes with the process that asked for it may have been committed by a run that died before it could
    /// say so: nobody knows, so that database begins anew.
    private func undoTornLoads(_ snapshot: ImportedSnapshot) async throws {
        guard !importer.fetchesObjects else { return }
        for load in snapshot.loads {
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

    // MARK: 2. to 4. Reset

    private var doesBackUp: Bool { backsUp || agreed?.backsUp == true }

    private func backUp(_ snapshot: ImportedSnapshot) async throws {
        guard doesBackUp, until >= .backup else { return }
        let backup = JournaledStep(.backup)
        try await journal.step(backup) {
            onEvent(.notice("Backing up \(importer.serverName)."))
            return try await importer.backUp(snapshot.dumps.map(\.database), for: backup)
        }
    }

    private func reset(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .reset else { return }
        for database in snapshot.dumps.map(\.database) {
            let step = MigrationStep.reset.of(database)
            try await journal.step(step) {
                try await importer.reset(database, terminatingConnections: terminatesConnections, for: step)
                onEvent(.notice("\(database.importedName) is empty."))
                return "empty"
            }
        }
    }

    private func createExtensions(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .extensions else { return }
        for dump in snapshot.dumps where snapshot.needsExtensions(dump) {
            let step = MigrationStep.extensions.of(dump.database)
            try await journal.step(step) {
                try await importer.create(dump.contents.extensions, in: dump.database, for: step)
                return dump.contents.extensions.map(\.name).joined(separator: ", ")
            }
        }
    }

    // MARK: 5. Load

    private func load(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .load else { return }
        for load in snapshot.loads {
            // What a failed import of a whole dump leaves behind is nothing to go on from.
            let undone = load.isPart ? [] : snapshot.steps(of: load.database)
            do {
                try await journal.step(load.step, undoing: undone) { try await self.load(load) }
            } catch let missing as MissingParts {
                throw try await self.undone(missing, load.step)
            }
        }
    }

    private func undone(_ missing: MissingParts, _ step: JournaledStep) async throws -> MigrationError {
        let steps = missing.names.map(JournaledStep.load) + [step]
        try await journal.append(.undone(steps: steps, reason: "it was cut off on its way"))
        return MigrationError(
            .failed,
            "Parts of \(missing.database.dumpName) were cut off on their way into \(importer.serverName), "
                + "which said that all was well.",
            next: "They have changed nothing. Run the same command again: it imports these parts, and goes on.",
            details: missing.names)
    }

    private func load(_ load: DumpLoad) async throws -> String {
        let name = load.isPart ? load.name : load.database.importedName
        let start = ContinuousClock.now
        onEvent(.started(name, total: load.size))
        do {
            try await importer.load(load, from: store, for: load.step) {
                onEvent(.advanced(name, bytes: $0, detail: $1))
            }
        } catch let error as MigrationError {
            if error.code != .interrupted { onEvent(.failed(name, error)) }
            throw error
        }
        let duration = ContinuousClock.now - start
        let summary = "loaded in \(Quantity.duration(duration)), \(Quantity.rate(load.size, in: duration))"
        onEvent(.finished(name, summary: summary))
        return summary
    }

    // MARK: 6. and 7. Prove

    private func prove(_ snapshot: ImportedSnapshot) async throws -> [ContentProof] {
        guard until >= .prove else { return [] }
        var proofs: [ContentProof] = []
        for dump in snapshot.dumps {
            let step = MigrationStep.prove.of(dump.database)
            try await journal.append(.began(step: step))
            let proof = try await proof(of: dump, countsOnly: snapshot.manifest == nil || !importer.provesContents)
            proofs.append(proof)
            try await journal.keep(proof, of: step)
            try await journal.append(
                proof.isEqual
                    ? .finished(step: step, result: proof.summary)
                    : .failed(step: step, error: proof.differences.joined(separator: " ")))
        }
        let differences = proofs.flatMap { proof in proof.differences.map { "\(proof.database.importedName): \($0)" } }
        guard differences.isEmpty else {
            throw MigrationError(
                .proofFailed, "\(importer.serverName) does not hold what was dumped.",
                next: "Do not go on with this import. Find out who else writes to the databases, then run the same "
                    + "command again with --start-over.",
                details: differences
            )
        }
        return proofs
    }

    private func proof(of dump: SnapshotManifest.DatabaseEntry, countsOnly: Bool) async throws -> ContentProof {
        let name = "proof of \(dump.database.importedName)"
        onEvent(.started(name, total: dump.size))
        let imported = try await importer.contents(of: dump.database, as: dump.contents) { table, bytes in
            onEvent(.advanced(name, bytes: bytes, detail: table.description))
        }
        let proof = ContentProof(
            database: dump.database, dumped: dump.contents, imported: imported, countsOnly: countsOnly)
        onEvent(.finished(name, summary: proof.summary))
        return proof
    }

    private func analyze(_ snapshot: ImportedSnapshot) async throws {
        guard until >= .analyze else { return }
        for database in snapshot.dumps.map(\.database) {
            let step = MigrationStep.analyze.of(database)
            if let skipsAnalyze { try await journal.skip(step, skipsAnalyze) }
            try await journal.step(step) {
                try await importer.analyze(database, for: step)
                return "done"
            }
        }
        if skipsAnalyze == nil { onEvent(.notice("ANALYZE is done.")) }
        try await journal.append(.completed)
    }
}
