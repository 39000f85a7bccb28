internal import MigrationKitFoundation

/// `mi-migrate upgrade`: brings imported databases to the release of their instance, by its migrator.
///
/// 1. Plan: from which release to which, and how. What cannot be is refused before anything is changed.
/// 2. Check that the instance uses the imported databases, and no others.
/// 3. Keep a copy of the databases, to which ``RestoreDatabases`` goes back.
/// 4. Run the migrator, once for each command of the path; what may come right is tried again, a few times.
///
/// Each run of the migrator is a job on the instance, and in the journal before it begins: whoever dies, it goes on, and
/// the next run waits for its end.
public struct UpgradeInstance: Sendable {
    /// The instance.
    public var instance: any InstanceController
    /// The server with its databases.
    public var importer: any DatabaseImporter
    /// What was done so far.
    public var journal: MigrationJournal
    /// Which databases: those that the dumped instance had.
    public var databases: [Database]
    /// The release that was dumped, by the manifest; nil where it does not tell.
    public var dumpedRelease: String?
    /// Migrations of data that were not finished when the instance was dumped, by the manifest.
    package var unfinished: [OutOfBandState] = []
    /// The release that the databases are of, in somebody's words; nil: as databases or dump tell.
    public var from: String?
    /// The release that they shall be of; nil: that which the instance is set up to run.
    public var to: String?
    /// A newer release whose migrator does the upgrade; nil: that of the target.
    public var migrator: String?
    /// Why differences between schema and release do not matter, in somebody's words.
    public var skipsDriftCheck: String?
    /// How often the migrator is run before it is given up.
    public var attempts = 3
    /// How often the migrator is run again while another one is at work, and how long is waited before.
    var contention = (times: 20, pause: Duration.seconds(30))
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names instance and server; see the properties.
    public init(
        instance: any InstanceController, importer: any DatabaseImporter, journal: MigrationJournal,
        databases: [Database] = Database.allCases, onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.instance, self.importer, self.journal) = (instance, importer, journal)
        (self.databases, self.onEvent) = (databases, onEvent)
    }

    /// Upgrades, unless that is done.
    ///
    /// - Returns: The way that was taken.
    /// - Throws: ``MigrationError``; with code `upgrade-failed` if the migrator has failed.
    public func run(takingOver: Bool = false) async throws -> UpgradePath {
        try await journal.working(takingOver: takingOver) {
            try await RestoreDatabases.requireNoneBegun(journal)
            try await requireImported()
            try await takeBackSkips()
            let path = try await plan()
            do {
                try await startProxy()
                try await matchDatabases()
                try await keepCopy()
                try await upgrade(path)
            } catch var error as MigrationError {
                if error.code == .failed || error.code == .cutOff { error.code = .upgradeFailed }
                throw error
            }
            return path
        }
    }

    /// - Throws: ``MigrationError`` if an import is in the journal that is not over, or there is nothing to upgrade.
    private func requireImported() async throws {
        let state = await journal.state
        guard state.completedAt == nil, try await !hasBegun else { return }
        guard state.identity == nil else {
            throw MigrationError(
                .unmetRequirement, "The databases of \(importer.serverName) are not imported and proven yet.",
                next: "Finish the import first: run the command that started it again, or "
                    + "`mi-migrate run --until=analyze`.")
        }
        let existing = try await importer.describe(databases, needing: nil).existing.map(\.name)
        let missing = databases.map(\.importedName).filter { !existing.contains($0) }
        guard missing.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "\(importer.serverName) has no \(missing.joined(separator: ", ")) to upgrade.",
                next: "Import first: `mi-migrate run`, or `mi-migrate import`.")
        }
        // What the dump tells is no word on databases that it was never loaded into.
        if from == nil, try await importer.release() == nil {
            throw MigrationError(
                .unmetRequirement,
                "No import into \(importer.serverName) is known, and its databases do not say their release.",
                next: "Import first: `mi-migrate run`, or `mi-migrate import`. If it was done by other means, "
                    + "specify the release with --from.")
        }
    }

    /// Who asks for an upgrade wants what a run has left out; but no copy of databases that are half upgraded.
    private func takeBackSkips() async throws {
        var wanted: [MigrationStep] = [.proxy, .upgrade]
        if try await !hasBegun { wanted.append(.restorePoint) }
        let names = Set(wanted.map { JournaledStep($0) })
        let left = await journal.state.steps.filter { $0.skipped != nil && names.contains($0.name) }.map(\.name)
        if !left.isEmpty { try await journal.append(.undone(steps: left, reason: "an upgrade was requested")) }
    }

    // MARK: 1. Plan

    /// Finds the way, and changes nothing.
    ///
    /// - Parameter areImported: Whether the databases are those of the dump; before that, what they tell is of no concern.
    /// - Throws: ``MigrationError`` if there is none, or a release is not known.
    public func plan(areImported: Bool = true) async throws -> UpgradePath {
        if await journal.entries.isEmpty { try await journal.read() }
        if areImported, try await hasBegun, let begun: UpgradePath = try await journal.record(of: Self.step) {
            return try await goingOn(begun)
        }
        let way = UpgradeWay(instance: instance, databases: databases, to: to, migrator: migrator)
        let target = try await way.target()
        let destination = try await importer.describe([.primary, .codeintel], needing: nil)
        try requireCodeIntel(in: destination)
        let path = try way.path(
            from: try await source(areImported, to: target), to: target, postgresMajor: destination.major)
        // Once they are imported, the migrator looks at what they are like by then.
        if !areImported { try UpgradeWay.require(unfinished, finishedBefore: path) }
        for notice in path.notices { onEvent(.warning(notice)) }
        return path
    }

    /// An instance that has none becomes one that cannot do without.
    private func requireCodeIntel(in destination: DestinationState) throws {
        let name = Database.codeintel.importedName
        guard !databases.contains(.codeintel), !destination.existing.contains(where: { $0.name == name }) else {
            return
        }
        throw MigrationError(
            .unmetRequirement, "\(importer.serverName) has no \(name), which every release since 3.21 needs.",
            next: "Create it, empty: the migrator fills it.")
    }

    /// A way that was begun is gone to its end, whatever the databases say meanwhile.
    private func goingOn(_ begun: UpgradePath) async throws -> UpgradePath {
        let others = [(from, begun.from), (to, begun.to)].filter { given, actual in
            given.map { SourcegraphVersion($0) != actual } == true
        }
        guard others.isEmpty else {
            throw MigrationError(
                .usage, "An upgrade from \(begun.from) to \(begun.to) was started.",
                next: "Omit --from and --to to resume it, or go back first: `mi-migrate restore`.")
        }
        guard let migrator else { return begun }
        return try UpgradePath(
            from: "\(begun.from)", to: "\(begun.to)", postgresMajor: begun.postgresMajor, migrator: migrator,
            databases: begun.databases)
    }

    /// Never guessed: what is told must not differ.
    private func source(_ areImported: Bool, to target: String) async throws -> String {
        let stored = areImported ? try await importer.release() : nil
        let told = [
            from.map { ToldRelease($0, by: "--from") },
            stored.map { ToldRelease($0, by: "the databases of \(importer.serverName)", isStored: true) },
            dumpedRelease.map { ToldRelease($0, by: "the dump", isStored: true) },
        ].compactMap(\.self)
        guard let first = told.first else {
            throw MigrationError(
                .unmetRequirement, "The release of Sourcegraph is neither in the dump nor in the databases.",
                next: "Specify it with --from, as the customer's instance showed it.")
        }
        if let stored, told.count > 1, ToldRelease.isDone(stored, told, target) {
            onEvent(
                .warning(
                    .init(
                        .upgradeRanBefore,
                        "The databases of \(importer.serverName) are of \(stored.printable) already, the minor release "
                            + "of the target: `upgrade` was run before, and `up` is left.",
                        ["server": .init(importer.serverName), "release": .init(stored)])))
            return stored
        }
        guard let other = told.first(where: { !$0.agrees(with: first) }) else {
            return ToldRelease.mostExact(told)
        }
        throw MigrationError(
            .unmetRequirement,
            "The release to upgrade from is \(first.text.printable) by \(first.teller), and "
                + "\(other.text.printable) by \(other.teller).",
            next: "Find out which is right: upgrading from the wrong release damages the databases.")
    }

    // MARK: 2. Check which databases they are

    /// Opens the instance's way to its databases.
    func startProxy() async throws {
        let step = JournaledStep(.proxy)
        try await journal.step(step) {
            try await journal.job(.init(step, "up")) { try await instance.startProxy(job: $0) }
        }
    }

    /// Checks that the instance's way leads to the imported databases: before anything of those that it uses is changed.
    func matchDatabases() async throws {
        let step = JournaledStep(.match)
        try await journal.step(step) {
            let mark = try await mark(of: step)
            try await ServerPatience.holding(journal, onEvent) {
                try await importer.mark(mark.databases, with: mark.text, for: step)
            }
            try await mark.require(at: instance)
            return "\(instance.name) uses the imported \(mark.databases.map(\.importedName).joined(separator: ", "))"
        }
    }

    /// The mark that an earlier run has left or was about to, or a new one.
    private func mark(of step: JournaledStep) async throws -> DatabaseMark {
        if let known: DatabaseMark = try await journal.record(of: step) { return known }
        let mark = await DatabaseMark(
            server: importer.serverName, databases: try await existing, journal: journal)
        try await journal.keep(mark, of: step)
        return mark
    }

    /// Those of the databases that are there.
    private var existing: [Database] {
        get async throws {
            let names = try await importer.describe(databases, needing: nil).existing.map(\.name)
            return databases.filter { names.contains($0.importedName) }
        }
    }

    // MARK: 3. Keep a copy

    /// Keeps a copy of the databases, unless there is one.
    func keepCopy() async throws {
        let step = JournaledStep(.restorePoint)
        try await journal.step(step) {
            try await journal.keep(try await existing, of: step)
            return try await ServerPatience.holding(journal, onEvent) {
                try await importer.backUp(databases, for: step)
            }
        }
    }

    // MARK: 4. Run the migrator

    private static let step = JournaledStep(.upgrade)

    private static func step(of command: MigratorCommand) -> JournaledStep {
        JournaledStep(.upgrade, detail: command.name)
    }

    private static func upgrades(_ command: MigratorCommand) -> Bool { command.name == "upgrade" }

    /// Runs the commands of the path that have not been run.
    func upgrade(_ path: UpgradePath) async throws {
        try await journal.step(Self.step) {
            try await journal.keep(path, of: Self.step)
            for command in path.commands {
                try await journal.step(Self.step(of: command)) { try await run(command, of: path) }
            }
            return path.summary
        }
    }

    /// What the tries of a command came to, over all runs.
    private struct Tries: Codable {
        /// The databases may not be as they were imported.
        var mayHaveBegun = false
        /// The migrator would find its own work: its look for drift means nothing any more.
        var mayHaveChanged = false
    }

    private func run(_ command: MigratorCommand, of path: UpgradePath) async throws -> String {
        let step = Self.step(of: command)
        var tries = try await journal.record(of: step, as: Tries.self) ?? Tries()
        var (attempt, waits) = (1, 0)
        while true {
            // An upgrade that was stopped on its way would find fault with its own work.
            let repeated = path.upgradeCommand(
                isRepetition: tries.mayHaveChanged, skipsDriftCheck: skipsDriftCheck != nil)
            let command = Self.upgrades(command) ? repeated ?? command : command
            guard let failure = try await outcome(of: command, key: .init(step, "\(attempt + waits)")) else {
                return command.description
            }
            // It notes the release when all of its work is done; whoever waited for it may not have seen that.
            if Self.upgrades(command), failure.stored?.minorRelease == path.to.minorRelease {
                return "\(command.description), by an earlier attempt whose end was not seen"
            }
            tries.mayHaveBegun = tries.mayHaveBegun || failure.mayHaveBegun
            tries.mayHaveChanged = tries.mayHaveChanged || failure.mayHaveChanged
            try await journal.keep(tries, of: step)
            if failure.isContention {
                try await wait(after: waits, failure)
                waits += 1
                continue
            }
            guard failure.mayClear, attempt < attempts else { throw failure.error(attempt) }
            attempt += 1
            onEvent(
                .warning(
                    .init(
                        .migratorFailed, "\(failure.error.message) Trying again, \(attempt) of \(attempts).",
                        [
                            "reason": .init(failure.error.message), "attempt": .init(attempt),
                            "attempts": .init(attempts),
                        ])))
        }
    }

    /// Another migrator ends by itself, mostly; that is waited for, and not forever.
    private func wait(after waits: Int, _ failure: Failure) async throws {
        let (times, pause) = contention
        guard waits < times else {
            var error = failure.error
            error.code = .upgradeFailed
            error.message +=
                " Gave up at \(TimeText.minutes(Date())), after waiting \(Quantity.duration(pause * times)) for its end."
            throw error
        }
        onEvent(
            .warning(
                .init(
                    .migratorWaiting,
                    "Another migrator is at work on these databases. Waiting for its end: trying again in "
                        + "\(Quantity.duration(pause)), \(waits + 1) of \(times).",
                    ["seconds": .init(pause), "attempt": .init(waits + 1), "attempts": .init(times)])))
        try await Task.sleep(for: pause)
    }

    private struct Failure {
        var error: MigrationError
        /// The release that the databases say they are of, where that is why it failed.
        var stored: SourcegraphVersion?
        var mayClear = true
        var isContention = false
        var mayHaveBegun = true
        var mayHaveChanged = true

        func error(_ attempt: Int) -> MigrationError {
            var error = error
            error.code = .upgradeFailed
            if attempt > 1 { error.message += " Gave up after \(attempt) attempts." }
            return error
        }
    }

    /// - Returns: Nil if it went well.
    private func outcome(of command: MigratorCommand, key: JournaledOperation) async throws -> Failure? {
        do {
            let run = try await journal.job(key) { try await instance.migrate(command, job: $0) }
            guard run.status != 0 else { return nil }
            let failure = MigratorFailure(run, of: command, on: instance)
            return Failure(
                error: failure.error(of: run), stored: failure.storedRelease, mayClear: failure.mayClear,
                isContention: failure.kind == .contention, mayHaveBegun: failure.mayHaveBegun,
                mayHaveChanged: failure.mayHaveChanged(by: run))
        } catch let error as MigrationError where error.code == .cutOff {
            return Failure(error: error)
        }
    }

    /// Whether the migrator may have done something: then its way is gone to the end.
    var hasBegun: Bool {
        get async throws {
            for step in await journal.state.steps where step.name.step == .upgrade && !step.name.isWhole {
                let tries: Tries? = try await journal.record(of: step.name)
                if step.finishedAt != nil || !step.operations.isEmpty || tries?.mayHaveBegun == true { return true }
            }
            return false
        }
    }
}

extension MigratorFailure {
    /// Whether the migrator may have come as far as to change something; what it looks at first is no such reason.
    fileprivate var mayHaveBegun: Bool {
        switch kind {
        case .drift, .unknownTag, .newerMigratorAvailable, .versionAssertion, .invalidRange, .postgresTooOld,
            .notAllowed, .imageRefused, .registryUnreachable:
            false
        // Docker may have gone while it ran; else that is all there is.
        case .noDocker: !details.isEmpty
        case .dirtyDatabase, .unfinishedOutOfBandMigrations, .privileged, .outOfDate, .cannotConnect, .contention,
            .killed, .other:
            true
        }
    }

    /// The same, but for what is mostly met at the beginning: connections that are refused, another migrator.
    fileprivate func mayHaveChanged(by run: MigratorRun) -> Bool {
        if kind == .contention { return run.lastLines.contains { $0.contains("Migrating to v") } }
        guard kind == .cannotConnect else { return mayHaveBegun }
        let sentence = sentence.lowercased()
        return [
            "server closed", "terminating connection", "connection reset", "i/o timeout", "the database system is ",
        ]
        .contains(where: sentence.contains)
    }
}
