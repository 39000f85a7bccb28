/// `mi-migrate run`: the whole of the operator's way.
///
/// 1. Validate bucket, destination and instance, and plan the upgrade. Ask.
/// 2. Freeze the instance.
/// 3. Import: reset, load and prove the databases, as ``ImportSnapshot`` does.
/// 4. Start the proxy, check that it leads to the imported databases, keep a copy of them, upgrade them.
/// 5. Start the instance, initialize it, check its services.
/// 6. Test it against the customer's summary, and remove the notice.
///
/// With ``ImportSnapshot/waitsForUpload``, the instance is frozen and rows are loaded while the snapshot is still being
/// uploaded; once it is complete, all of these follow, for what is left.
///
/// Each step is in the journal before and after it is done. The first that fails ends the run; the same command resumes
/// there.
public struct RunMigration: Sendable {
    /// The import, with the journal of the whole.
    public var importing: ImportSnapshot
    /// The instance.
    public var instance: any InstanceController
    /// The upgrade's wishes: see ``UpgradeInstance``.
    public var upgrading: UpgradeInstance
    /// What is done when the instance runs.
    public var acceptance: AcceptInstance
    /// The last step that is done.
    public var until = MigrationStep.notice
    /// The step to begin at again, though it is done; all that follow are done again, too. Those before it have to be
    /// done.
    public var from: MigrationStep?
    /// Steps that are left out, each with somebody's reason.
    public var skipped: [MigrationStep: String] = [:]
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names the parts of the way; see the properties.
    public init(
        importing: ImportSnapshot, upgrading: UpgradeInstance, acceptance: AcceptInstance,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.importing, self.upgrading, self.acceptance) = (importing, upgrading, acceptance)
        (self.instance, self.onEvent) = (upgrading.instance, onEvent)
    }

    private var journal: MigrationJournal { importing.journal }

    /// Runs the steps that are not done.
    ///
    /// - Returns: The steps, with their durations.
    /// - Throws: ``MigrationError`` of the first step that fails; its code tells the kind of step.
    public func run() async throws -> RunReport {
        do {
            return try await journal.working(takingOver: importing.takesOver) { try await runSteps() }
        } catch is CancellationError {
            throw MigrationError(
                .interrupted, "Stopped.",
                next: "Run the same command to resume. What was started on \(instance.name) continues there meanwhile.")
        }
    }

    private func runSteps() async throws -> RunReport {
        try await checkRequest()
        try await undoStepsToRepeat()
        let lines = StepLines(onEvent: onEvent)
        await journal.observe { lines.take($0) }
        return try await followUpload(lines).runComplete(lines)
    }

    private func runComplete(_ lines: StepLines) async throws -> RunReport {
        let snapshot = try await validate(lines)
        try await freeze(before: snapshot)
        try await importAll(of: snapshot, lines)
        try await step(.proxy, upgrading.startProxy)
        try await step(.match, upgrading.matchDatabases)
        try await step(.restorePoint, upgrading.keepCopy)
        try await step(.upgrade, upgradeDatabases)
        try await step(.start, acceptance.start)
        try await step(.initialize, acceptance.initialize)
        try await step(.check, acceptance.check)
        try await step(.test, testInstance)
        try await step(.notice, acceptance.removeNotice)
        return await report()
    }

    /// How far the way has been gone.
    public func report() async -> RunReport { RunReport(journal: await journal.state, until: until) }

    // MARK: What was requested

    private func checkRequest() async throws {
        if let step = skipped.keys.sorted().first(where: MigrationStep.indispensable.contains) {
            throw MigrationError(
                .usage, "The step \(step.rawValue) cannot be skipped: nothing would be proven.",
                next: "Skip other steps only.")
        }
        if let from, from > until {
            throw MigrationError(.usage, "--from-step=\(from.rawValue) comes after --until=\(until.rawValue).")
        }
        if skipped[.upgrade] == nil, skipped[.restorePoint] != nil {
            onEvent(
                .warning(
                    .init(.noCopy, "Without a copy of the databases, a failed upgrade means importing again.")))
        }
        if !importing.startsOver, from.map({ $0 > .load }) ?? true {
            try await RestoreDatabases.requireNoneBegun(journal)
        }
    }

    /// What is done is done again from a step on.
    private func undoStepsToRepeat() async throws {
        guard let from, from > .load else { return }
        let state = await journal.state
        if from <= .upgrade, try await upgrading.hasBegun {
            throw MigrationError(
                .usage, "The databases may have changed since the import: their upgrade has started.",
                next: "Restore the copy first: `mi-migrate restore`.")
        }
        let missing = state.way.filter { step in
            step < from && step > .freeze && step != .backup && skipped[step] == nil && !state.progress(of: step).isOver
        }
        guard missing.isEmpty else {
            throw MigrationError(
                .usage, "\(missing[0].rawValue) comes before \(from.rawValue) and is not done.",
                next: "Omit --from-step: the run resumes where the last one stopped.")
        }
        let again = state.steps.map(\.name).filter { $0.step.map { $0 >= from } == true }
        if !again.isEmpty { try await journal.append(.undone(steps: again, reason: "--from-step=\(from.rawValue)")) }
    }

    // MARK: 1. to 3. Import

    /// Loads what arrives, until the snapshot is complete.
    ///
    /// - Returns: The rest of the run.
    private func followUpload(_ lines: StepLines) async throws -> RunMigration {
        try await importing.requireNothingNewer()
        guard importing.waitsForUpload != nil, try await !keepsImport else { return self }
        lines.begin(.validate)
        try await checkInstance(isUploaded: false)
        var rest = self
        let wanted = wantedImport(lines, validated: Self.validatedUpload)
        if let followed = try await wanted.prepareToFollow() {
            lines.end(.validate, Self.validatedUpload)
            try await step(.freeze, acceptance.freeze)
            try await wanted.importArriving(followed)
            rest.importing = importing.afterFollowing
            // What was to be repeated has begun anew.
            if let from, from <= .load { rest.from = nil }
        }
        try await rest.upgrading.readRelease(from: importing.store)
        return rest
    }

    /// What would stop the run after hours is found before anything is changed.
    ///
    /// - Returns: What is to be imported; nil if nothing is.
    private func validate(_ lines: StepLines) async throws -> ImportedSnapshot? {
        lines.begin(.validate)
        try await checkInstance()
        let snapshot = try await prepareImport(lines)
        lines.end(.validate, try await keepsImport ? "the databases are imported already" : Self.validated)
        return snapshot
    }

    private static let validated = "snapshot, destination and instance are as they have to be"
    private static let validatedUpload = "destination and instance are as they have to be; the snapshot is arriving"

    private func checkInstance(isUploaded: Bool = true) async throws {
        // Who wants to know whether the way can be gone means all of it.
        let wanted = MigrationStep.allCases.filter { ($0 <= until || until == .validate) && skipped[$0] == nil }
        let preflight = InstancePreflight(
            acceptance, store: importing.store, upgrading: upgrading, onEvent: onEvent)
        try await preflight.require(for: wanted, areImported: try await keepsImport, isUploaded: isUploaded)
    }

    /// Whether all of the import was done by earlier runs, and stays.
    private var keepsImport: Bool {
        get async throws {
            if let from, from <= .load { return false }
            return try await importing.isCompleted()
        }
    }

    private func prepareImport(_ lines: StepLines) async throws -> ImportedSnapshot? {
        let keepsImport = try await keepsImport
        if keepsImport, until > .validate { return nil }
        if !keepsImport, !importing.startsOver, from == nil, let before = await journal.state.completedAt {
            onEvent(
                .warning(
                    .init(
                        .importOutdated,
                        "The bucket or the destination has changed since the import of \(TimeText.minutes(before)): it "
                            + "would start from scratch.", ["at": .init(TimeText.seconds(before))])))
        }
        guard case .agreed(let snapshot) = try await wantedImport(lines).prepare() else { return nil }
        return snapshot
    }

    /// The import, as far as this run goes.
    private func wantedImport(_ lines: StepLines, validated: String = Self.validated) -> ImportSnapshot {
        var importing = importing
        importing.confirm = { [confirm = importing.confirm] plan in
            // How long somebody takes to answer is no part of it.
            lines.end(.validate, validated)
            return try await confirm(plan)
        }
        importing.until = min(until, .analyze)
        importing.startsOver = importing.startsOver || from.map { $0 <= .load } == true
        importing.skipsAnalyze = skipped[.analyze]
        importing.backsUp = importing.backsUp && skipped[.backup] == nil
        importing.isFrozenFirst = until > .validate
        // Who wants no more than that wants to know what was found.
        importing.onEvent = until == .validate ? onEvent : StepLines.quiet(onEvent)
        return importing
    }

    /// Databases that are imported already may be so by another command, which has left the instance as it was. One that
    /// runs on them stays.
    private func freeze(before snapshot: ImportedSnapshot?) async throws {
        if snapshot == nil, until <= .analyze { return }
        if snapshot == nil, await journal.state.progress(of: .start).isOver { return }
        try await step(.freeze, acceptance.freeze)
    }

    private func importAll(of snapshot: ImportedSnapshot?, _ lines: StepLines) async throws {
        guard let snapshot else { return }
        let state = await journal.state
        for step in [MigrationStep.load, .prove] {
            lines.expect(snapshot.parts(of: step).count { !state.isFinished($0) }, of: step)
        }
        _ = try await wantedImport(lines).importAll(of: snapshot)
    }

    // MARK: 4. to 6. Instance

    private func step(_ step: MigrationStep, _ body: () async throws -> Void) async throws {
        guard step <= until, await journal.state.way.contains(step) else { return }
        if let reason = skipped[step] { return try await journal.skip(JournaledStep(step), reason) }
        guard await !journal.state.isFinished(JournaledStep(step)) else { return }
        do { try await body() } catch var error as MigrationError {
            let isCutOff = error.code == .cutOff && step >= .proxy
            if error.code == .failed || isCutOff { error.code = step.failureCode }
            throw error
        }
    }

    private func upgradeDatabases() async throws { try await upgrading.upgrade(try await upgrading.plan()) }

    private func testInstance() async throws { try await acceptance.test(importing.store) }
}

extension MigrationStep {
    /// What the failure of a step that has no code of its own counts as.
    fileprivate var failureCode: MigrationError.Code {
        self < .proxy ? .importFailed : self <= .start ? .upgradeFailed : .acceptanceFailed
    }
}
