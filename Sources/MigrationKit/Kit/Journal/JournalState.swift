public import MigrationKitFoundation

/// What a journal comes to: where its migration stands.
public struct JournalState: Sendable {
    /// What the migration is about; nil before it has begun.
    public private(set) var identity: MigrationIdentity?
    /// The plan that it carries out, if it was begun with one.
    public private(set) var plan: String?
    /// When it began.
    public private(set) var openedAt: Date?
    /// When all of the import was done, and proven.
    public private(set) var completedAt: Date?
    /// Who works on it.
    public private(set) var holder: Holder?
    /// Its steps, in the order in which they began.
    public private(set) var steps: [Step] = []
    /// The steps that were done when the import was: it is not any more as soon as one of them is undone.
    private var completedSteps: Set<JournaledStep> = []
    /// What a return to the copy that has begun takes back, as it was before: that counts again if it was refused.
    private var takenBack: [Step] = []

    /// Why steps are to be done again that a return to the copy takes back.
    static let restored = "the databases were restored"

    /// Who works on a migration, by their own account.
    public struct Holder: Sendable {
        /// The run.
        public var writer: JournalWriter
        /// Since when.
        public var since: Date
        /// Until then others keep away.
        public var until: Date
        /// When it last said that it is at work.
        package var seenAt: Date
        /// How far each work was at that time.
        package var doing: [String]
    }

    /// A step and how far it is.
    public struct Step: Sendable, Hashable {
        /// Its name: `load primary.sql`.
        public var name: JournaledStep
        /// When it last began.
        public var beganAt: Date
        /// Who began it.
        public var who: String
        /// The way that it takes, for a load over a connection beside which there is another.
        package var through: ImportWay?
        /// When it was done.
        public var finishedAt: Date?
        /// How it ended.
        public var result: String?
        /// Why it has to be done again.
        public var error: String?
        /// Whether that is because what it did does not hold any more.
        public var isUndone = false
        /// Why somebody has decided that it is not done.
        public var skipped: String?
        /// The object with what it found out.
        public var record: String?
        /// Its operations, by what the step calls them.
        package var operations: [String: Operation] = [:]
    }

    /// What is known of an operation on the server.
    package enum Operation: Sendable, Hashable {
        /// It may have been asked for: then it is newer than the one of this name, or the first of all.
        case asked(after: String?)
        /// It is there.
        case made(String)

        /// Its name, if it is there.
        var name: String? { if case .made(let name) = self { name } else { nil } }
    }

    /// Nothing has happened yet.
    public init() {}

    /// Whether the step is done, or somebody has decided that it is not.
    public func isFinished(_ step: JournaledStep) -> Bool { self.step(step)?.finishedAt != nil }

    /// The step of that name, if it has begun.
    public func step(_ name: JournaledStep) -> Step? { steps.first { $0.name == name } }

    /// A return to the copy of the databases that has begun, and not come to its end: nothing else counts until then.
    public var openRestore: Step? { step(.restore).flatMap { $0.finishedAt == nil && !$0.isUndone ? $0 : nil } }

    /// When the instance was started on databases that were imported and proven: from then on they may be somebody's only
    /// ones.
    public var liveSince: Date? { completedAt == nil ? nil : step(JournaledStep(.start))?.finishedAt }

    /// What is known of an operation.
    func operation(_ key: JournaledOperation) -> Operation? { step(key.step)?.operations[key.name] }

    /// Names of the operations of steps that are not done.
    var operationsAtWork: [String] {
        steps.filter { $0.finishedAt == nil }.flatMap { $0.operations.values }.compactMap(\.name)
    }

    mutating func take(_ entry: JournalEntry) {
        switch entry.event {
        case .opened(let identity, let plan):
            let (holder, backup) = (holder, backup(before: identity))
            self = JournalState()
            (self.identity, self.plan, self.holder, openedAt) = (identity, plan, holder, entry.at)
            steps = backup.map { [$0] } ?? []
        case .sealed(let manifest): identity?.manifest = manifest
        case .working(let until, let doing):
            let since = holder?.writer == entry.by ? holder?.since : nil
            holder = Holder(
                writer: entry.by, since: since ?? entry.at, until: until, seenAt: entry.at, doing: doing ?? [])
        case .began(let name, let through):
            begin(name, entry)
            change(name) { $0.through = through }
            if name == .restore { takeBack() }
        case .skipped(let name, let reason):
            begin(name, entry)
            change(name) { ($0.finishedAt, $0.skipped) = (entry.at, reason) }
        case .kept(let name, let record): change(name) { $0.record = record }
        case .asking(let key, let after): change(key.step) { $0.operations[key.name] = .asked(after: after) }
        case .waiting(let key, let name): change(key.step) { $0.operations[key.name] = .made(name) }
        case .finished(let name, let result):
            change(name) { ($0.finishedAt, $0.result) = (entry.at, result) }
            if name == .restore { takenBack = [] }
        case .failed(let name, let error): change(name) { ($0.error, $0.operations) = (error, [:]) }
        case .undone(let names, let reason):
            if names.contains(.restore) {
                for before in takenBack { change(before.name) { $0 = before } }
                takenBack = []
            }
            undo(names, reason)
            if !completedSteps.isDisjoint(with: names) { completedAt = nil }
        case .completed:
            completedAt = entry.at
            completedSteps = Set(steps.filter { $0.finishedAt != nil }.map(\.name))
        case .released: holder = nil
        }
    }

    /// The backup that an import has made before it dropped what another one into the same databases drops again: a second
    /// one would be of what was half loaded, and a PostgreSQL keeps only one.
    private func backup(before next: MigrationIdentity) -> Step? {
        guard let identity, completedAt == nil, step(.restore).map(\.isUndone) ?? true,
            next.target.lowercased() == identity.target.lowercased(),
            Set(next.databases).isSubset(of: identity.databases), steps.contains(where: { $0.name.step == .reset })
        else { return nil }
        return step(JournaledStep(.backup)).flatMap { $0.finishedAt != nil && $0.skipped == nil ? $0 : nil }
    }

    private mutating func begin(_ name: JournaledStep, _ entry: JournalEntry) {
        if !steps.contains(where: { $0.name == name }) {
            steps.append(Step(name: name, beganAt: entry.at, who: entry.by.who))
        }
        change(name) { step in
            let (operations, record) = (step.operations, step.record)
            step = Step(name: name, beganAt: entry.at, who: entry.by.who)
            (step.operations, step.record) = (operations, record)
        }
    }

    /// What these steps did does not hold any more.
    mutating func undo(_ names: [JournaledStep], _ reason: String) {
        for name in names {
            change(name) { step in
                step = Step(name: name, beganAt: step.beganAt, who: step.who)
                (step.error, step.isUndone) = (reason, true)
            }
        }
    }

    private mutating func takeBack() {
        let steps = steps.filter { $0.name.isUndoneByRestore && !$0.isUndone }
        takenBack += steps
        undo(steps.map(\.name), Self.restored)
    }

    private mutating func change(_ name: JournaledStep, _ body: (inout Step) -> Void) {
        guard let index = steps.firstIndex(where: { $0.name == name }) else { return }
        body(&steps[index])
    }
}
