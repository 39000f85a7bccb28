public import MigrationKitFoundation

/// What an import is about to do: which databases it drops, what it loads, and about how long that takes.
public struct ImportPlan: Sendable, Codable {
    /// Version of the format. A reader refuses one that it does not know.
    public static let currentFormat = 1

    /// Version of the format.
    public var format = currentFormat
    /// The program that made it, with its version.
    public var createdBy = "mi-migrate \(MigrationKitVersion.current)"
    /// When it was made.
    public var createdAt = Date()
    /// Of this plan alone.
    public var id: String
    /// From where, and where to.
    public var identity: MigrationIdentity
    /// The destination's name.
    public var server: String
    /// The journal as it was: another means that somebody has worked meanwhile.
    public var journal: String
    /// What the migration works on, for whoever carries the plan out; nil: a program that uses the library knows itself.
    package var settings: [String: String]?
    /// Whether the instance is backed up first.
    public var backsUp: Bool
    /// Whether what earlier runs have done is left behind.
    public var startsOver: Bool
    /// How the dumps are loaded, in a sentence; nil in a plan of an older program.
    public var way: String?
    /// What the steps' durations go by; nil: nobody has rehearsed, and they have none.
    package var estimatedBy: String?
    /// Why these databases may be in use, in a sentence: then they are dropped only once somebody has typed the
    /// destination's name. Nil: nothing tells of that.
    public var live: String?
    /// Databases that are dropped.
    public var dropped: [DestinationState.Existing]
    /// Who is connected to them.
    public var connections: [DestinationState.Connection]
    /// What is done, in order; what is done already is left out.
    package var steps: [Step]

    /// A step.
    package struct Step: Sendable, Codable {
        /// Its name.
        package var name: JournaledStep
        /// Bytes that are dropped, for a step that destroys something.
        package var destroys: Int64?
        /// Bytes that are loaded or read back.
        package var bytes: Int64?
        /// About how many seconds it takes; nil where nobody can tell.
        package var seconds: Double?
    }

    /// - Parameters:
    ///   - done: What an earlier run has done of it.
    ///   - live: Why the databases may be in use.
    ///   - journal: The mark of the journal.
    ///   - way: How the dumps are loaded.
    ///   - estimate: How long the steps may take.
    init(
        identity: MigrationIdentity, server: String, _ snapshot: ImportedSnapshot, destination: DestinationState,
        done: JournalState, live: String?, journal: String, backsUp: Bool, startsOver: Bool, way: String,
        estimate: ImportEstimate?
    ) {
        estimatedBy = estimate?.basis
        self.way = way
        self.live = live
        self.backsUp = backsUp
        self.startsOver = startsOver
        self.identity = identity
        self.server = server
        self.journal = journal
        id = String(UInt64.random(in: .min ... .max), radix: 36)
        let resets = snapshot.dumps.map(\.database).filter { !done.isFinished(MigrationStep.reset.of($0)) }
        dropped = destination.existing.filter { existing in resets.contains { $0.importedName == existing.name } }
        connections = destination.connections.filter { other in resets.contains { $0.importedName == other.database } }

        steps = snapshot.steps(backsUp: backsUp).filter { !done.isFinished($0) }
            .map { Step($0, of: snapshot, destination: destination, estimate) }
    }

    /// About how long all of it takes, as far as that is known.
    public var duration: Duration { .seconds(steps.compactMap(\.seconds).reduce(0, +)) }

    // MARK: Whether it still holds

    /// Databases grow a little by themselves, by what the server keeps of them.
    private static let growth: Int64 = 16 << 20

    /// Holds the state of things against an earlier plan.
    ///
    /// - Parameters:
    ///   - earlier: The plan that somebody has agreed to.
    ///   - goesOn: Whether it is being carried out: then some of it may be done.
    /// - Throws: ``MigrationError`` that lists what is not as it was.
    func check(against earlier: ImportPlan, goesOn: Bool) throws {
        let changes = changes(since: earlier, goesOn: goesOn)
        guard changes.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "The plan of \(TimeText.minutes(earlier.createdAt)) is out of date.",
                next: "Nothing was changed. Create a new one with `mi-migrate plan`, and review it.", details: changes)
        }
    }

    /// What is not as it was when an earlier plan was made, a sentence each; nothing if that can be carried out.
    ///
    /// - Parameters:
    ///   - earlier: The plan that somebody agreed to.
    ///   - goesOn: Whether that plan is being carried out: then some of it may be done.
    public func changes(since earlier: ImportPlan, goesOn: Bool = false) -> [String] {
        var changes: [String] = []
        if identity.target != earlier.identity.target {
            changes.append("The target was \(earlier.identity.target); it is \(identity.target).")
        }
        if identity.databases != earlier.identity.databases { changes.append("The list of databases has changed.") }
        var before = earlier.identity
        (before.target, before.databases) = (identity.target, identity.databases)
        if !identity.isSame(as: before) { changes.append("The snapshot in \(identity.snapshot) has changed.") }
        let (names, agreed) = (steps.map(\.name), earlier.steps.map(\.name))
        if !goesOn, journal != earlier.journal { changes.append("Somebody has worked on this migration since.") }
        if goesOn ? !Set(names).isSubset(of: agreed) : names != agreed {
            changes.append("The steps have changed: \(names.map(\.description).joined(separator: ", ")).")
        }
        for database in dropped {
            guard let before = earlier.dropped.first(where: { $0.name == database.name }) else {
                changes.append("\(database.name) would be dropped, and did not exist then.")
                continue
            }
            if database.size > before.size + before.size / 20 + Self.growth {
                changes.append(
                    "\(database.name) has grown from \(Quantity.bytes(before.size)) to \(Quantity.bytes(database.size))."
                )
            }
        }
        return changes
    }
}

extension ImportPlan.Step {
    fileprivate init(
        _ step: JournaledStep, of snapshot: ImportedSnapshot, destination: DestinationState, _ estimate: ImportEstimate?
    ) {
        self.init(name: step)
        let dump = snapshot.dumps.first { step.subject == .database($0.database) }
        switch step.step {
        case .reset: destroys = destination.existing.first { step.subject?.description == $0.name }?.size
        case .load:
            let load = snapshot.loads.first { $0.step == step }
            bytes = load?.size
            seconds = load.flatMap { estimate?.seconds(for: $0) }
        case .prove:
            bytes = dump?.size
            seconds = dump.flatMap { estimate?.secondsForProof(of: $0) }
        case .analyze: seconds = dump.flatMap { estimate?.secondsForAnalysis(of: $0) }
        default: break
        }
    }
}

extension JournalState {
    /// Is another one as soon as somebody has done a step, or begun one. That a run has come and gone is not in it.
    var mark: String {
        func text(_ time: Date?) -> String { time.map(TimeText.exact) ?? "" }
        let about = [identity?.snapshot ?? "", identity?.target ?? "", text(openedAt), text(completedAt)]
        let steps = steps.map { "\($0.name): \(text($0.beganAt)), \(text($0.finishedAt)), \($0.error ?? "")" }
        return JournalReader.hash((about + steps).joined(separator: "\n").utf8)
    }
}
