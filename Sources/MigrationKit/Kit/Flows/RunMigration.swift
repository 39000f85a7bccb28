/// `mi-migrate run`: the whole of the operator's way.
///
/// 1. Validate bucket, destination and instance, and find the way of the upgrade. Ask.
/// 2. Freeze the instance; reset, import, prove.
/// 3. Open the instance's way to its databases, keep a copy of them, upgrade them.
/// 4. Start the instance, initialize it, look at its parts.
/// 5. Test it against the customer's summary, and take the notice down.
///
/// Each step is in the journal before and after it is done. The first that fails ends the run; the same command goes on
/// from there.
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

    /// Goes the way, as far as it has not been gone.
    ///
    /// - Returns: The steps, with their durations.
    /// - Throws: ``MigrationError`` of the first step that fails; its code tells the kind of step.
    public func run() async throws -> RunReport {
        do {
            return try await journal.working(takingOver: importing.takesOver) { try await work() }
        } catch is CancellationError {
            throw MigrationError(
                .interrupted, "Stopped.",
                next: "Run the same command to go on. What was begun on \(instance.name) goes on there meanwhile.")
        }
    }

    private func work() async throws -> RunReport {
        try checkWishes()
        if from.map({ $0 > .load }) ?? true { try await RestoreDatabases.requireNoneBegun(journal) }
        try await goBack()
        let lines = StepLines(onEvent: onEvent)
        await journal.observe { lines.take($0) }
        try await validate()
        try await importSnapshot()
        guard until > .analyze else { return await report() }
        try await step(.proxy) { try await startProxy() }
        try await step(.restorePoint, upgrading.keepCopy)
        try await step(.upgrade) { try await upgrading.upgrade(try await upgrading.plan()) }
        try await step(.start) { try await start() }
        try await step(.initialize, acceptance.initialize)
        try await step(.check, acceptance.check)
        try await step(.test) { try await acceptance.test(importing.store) }
        try await step(.notice, acceptance.takeNoticeDown)
        return await report()
    }

    /// How far the way has been gone.
    public func report() async -> RunReport { RunReport(journal: await journal.state, until: until) }

    // MARK: Wishes

    private func checkWishes() throws {
        if let step = skipped.keys.sorted().first(where: MigrationStep.indispensable.contains) {
            throw MigrationError(
                .usage, "The step \(step.rawValue) cannot be left out: nothing would be proven.",
                next: "Leave out others only.")
        }
        if let from, from > until {
            throw MigrationError(.usage, "--from-step=\(from.rawValue) comes after --until=\(until.rawValue).")
        }
        if skipped[.upgrade] == nil, skipped[.restorePoint] != nil {
            onEvent(.warning("Without a copy of the databases, a failed upgrade means to import again."))
        }
    }

    /// What is done is done again from a step on.
    private func goBack() async throws {
        guard let from, from > .load else { return }
        let state = await journal.state
        if from <= .upgrade, try await upgrading.hasBegun {
            throw MigrationError(
                .usage, "The databases may not be as they were imported any more: their upgrade has begun.",
                next: "Go back to the copy first: `mi-migrate restore`.")
        }
        let missing = MigrationStep.allCases.filter { step in
            step < from && step > .freeze && step != .backup && skipped[step] == nil && !state.progress(of: step).isOver
        }
        guard missing.isEmpty else {
            throw MigrationError(
                .usage, "\(missing[0].rawValue) comes before \(from.rawValue), and is not done.",
                next: "Leave --from-step out: the run goes on where the last one stopped.")
        }
        let again = state.steps.map(\.name).filter { $0.step.map { $0 >= from } == true }
        if !again.isEmpty { try await journal.append(.undone(steps: again, reason: "--from-step=\(from.rawValue)")) }
    }

    // MARK: 1. and 2. Import

    /// What would stop the run after hours is found before anything is changed.
    private func validate() async throws {
        let areImported = try await keepsImport
        let isUpgraded = await journal.state.progress(of: .upgrade).isOver
        if until >= .upgrade || until == .validate, skipped[.upgrade] == nil, !(areImported && isUpgraded) {
            onEvent(.notice(try await upgrading.plan(areImported: areImported).summary))
        }
        if until > .analyze || skipped[.freeze] == nil { _ = try await instance.configuration() }
        try acceptance.checkSettings(for: MigrationStep.allCases.filter { $0 <= until && skipped[$0] == nil })
    }

    /// Whether all of the import was done by earlier runs, and stays.
    private var keepsImport: Bool {
        get async throws {
            if let from, from <= .load { return false }
            return try await importing.isCompleted()
        }
    }

    private func importSnapshot() async throws {
        var importing = importing
        let keepsImport = try await keepsImport
        if keepsImport, until > .validate {
            // Another command may have imported, and left the instance as it was.
            if until > .analyze, await !journal.state.progress(of: .start).isOver { try await freezing() }
            return
        }
        if !keepsImport, !importing.startsOver, from == nil, let before = await journal.state.completedAt {
            onEvent(
                .warning(
                    "Bucket or destination are not those of the import of \(before.printable): it would begin anew."))
        }
        importing.until = min(until, .analyze)
        importing.startsOver = importing.startsOver || from.map { $0 <= .load } == true
        importing.skipsAnalyze = skipped[.analyze]
        importing.backsUp = importing.backsUp && skipped[.backup] == nil
        // Who wants no more than that wants to know what was found.
        importing.onEvent = until == .validate ? onEvent : StepLines.quiet(onEvent)
        if until > .validate { importing.freeze = freezing }
        _ = try await importing.carryOut()
    }

    private var freezing: @Sendable () async throws -> Void {
        { [journal, instance, reason = skipped[.freeze]] in
            let step = JournaledStep(.freeze)
            if let reason { return try await journal.skip(step, reason) }
            try await journal.step(step) {
                try await journal.job(.init(step, "down")) { try await instance.freeze(job: $0) }
            }
        }
    }

    // MARK: 3. to 5. Instance

    private func step(_ step: MigrationStep, _ body: () async throws -> Void) async throws {
        guard step <= until else { return }
        if let reason = skipped[step] { return try await journal.skip(JournaledStep(step), reason) }
        guard await !journal.state.isFinished(JournaledStep(step)) else { return }
        do { try await body() } catch var error as MigrationError {
            if error.code == .failed || error.code == .cutOff { error.code = step.failureCode }
            throw error
        }
    }

    private func startProxy() async throws { try await upgrading.startProxy() }

    private func start() async throws {
        let step = JournaledStep(.start)
        try await journal.step(step) {
            try await journal.job(.init(step, "up")) { try await instance.start(job: $0) }
        }
    }
}

extension MigrationStep {
    /// What the failure of a step that has no code of its own counts as.
    fileprivate var failureCode: MigrationError.Code {
        self < .proxy ? .importFailed : self <= .start ? .upgradeFailed : .acceptanceFailed
    }
}
