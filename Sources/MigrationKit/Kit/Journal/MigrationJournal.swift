internal import MigrationKitFoundation
internal import NIOCore

/// The record of one migration: an entry before and after each step, so that a run that was killed is taken up where it
/// stopped, by the same machine or another; and the lock that keeps two operators apart.
///
/// Each entry is an object that is made once and never replaced. Whoever writes the next number first has it: a run
/// that somebody has taken over from finds its number taken, and stops.
public actor MigrationJournal {
    /// Who writes here.
    public let writer: JournalWriter
    /// Where the migration stands.
    public private(set) var state = JournalState()
    /// All that has happened, in order.
    package private(set) var entries: [JournalEntry] = []
    /// SHA-256 of the last entry, which names the one before it, and so on: of the whole journal.
    public private(set) var hash = ""

    /// Is told of what this run writes.
    private var observer: (@Sendable (JournalEvent) -> Void)?
    /// Tells how far each work is that goes on.
    private var progress: (@Sendable () -> [String])?
    private let store: (any ObjectStore)?
    private let lease: Duration
    /// What was kept, where the journal is in memory.
    private var records: [String: String] = [:]
    /// The entry that is being written: the next waits for it.
    private var writing: Task<Void, any Error>?
    /// Somebody else has taken over: nothing may be written any more.
    private var isLost = false
    /// Nobody knows whether the last entry was written.
    private var isUnsure = false
    /// Operations whose end this run waits for, and those whose end it has seen.
    private var running: Set<JournaledOperation> = []
    private var over: Set<JournaledOperation> = []

    /// Names a journal.
    ///
    /// - Parameters:
    ///   - store: A folder of its own in a bucket; nil: it is kept in memory, and a run that is killed begins again.
    ///   - lease: For so long others keep away after the last sign of life.
    ///   - writer: Who writes.
    public init(
        store: (any ObjectStore)?, lease: Duration = .seconds(300), writer: JournalWriter = .current()
    ) {
        self.store = store
        self.lease = lease
        self.writer = writer
    }

    /// The journal's place, for messages; nil if it is kept in memory.
    public nonisolated var location: String? { store?.location }

    /// Reads what is there.
    ///
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if an entry is missing, changed or cannot be read.
    public func read() async throws {
        _ = try await readOn()
    }

    /// Reads what has been written since.
    private func readOn() async throws -> [JournalEntry] {
        guard let store else { return [] }
        let new = try await JournalReader(store: store).entries(after: entries.count, hash)
        for (entry, hash) in new {
            take(entry)
            self.hash = hash
        }
        return new.map(\.entry)
    }

    // MARK: Working

    /// Runs `body` while nobody else works on the migration.
    ///
    /// - Parameters:
    ///   - takingOver: Whether somebody else who seems to be at work is pushed aside.
    ///   - body: The work.
    /// - Throws: ``MigrationError`` with code `locked` if somebody else is at work, or takes over meanwhile; what `body`
    ///   throws.
    public func working<Value: Sendable>(
        takingOver: Bool = false, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await read()
        if let holder = state.holder, !takingOver, holder.isAtWork(beside: writer) { throw holder.locked }
        guard store != nil else { return try await body() }
        try await append(.working(until: leaseEnd))
        do {
            let value = try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    // What the work says when it is stopped counts.
                    do { try await self.giveSignsOfLife() } catch is CancellationError {}
                    return nil
                }
                defer { group.cancelAll() }
                while let done = try await group.next() {
                    if let done { return done }
                }
                throw CancellationError()
            }
            try await append(.released)
            return value
        } catch {
            if !isLost { try? await append(.released) }
            throw error
        }
    }

    private var leaseEnd: Date { Date() + lease / .seconds(1) }

    private func giveSignsOfLife() async throws {
        while true {
            try await Task.sleep(for: lease / 3)
            try await giveSignOfLife()
        }
    }

    /// Notes that this run is at work.
    ///
    /// - Throws: ``MigrationError`` with code `locked` if it is not any more: somebody else has taken over.
    func giveSignOfLife() async throws { try await append(.working(until: leaseEnd, doing: progress?())) }

    /// Has each sign of life tell how far each work is, for those who look at the journal meanwhile.
    package func tell(_ progress: @escaping @Sendable () -> [String]) { self.progress = progress }

    /// Does a step, unless it is done.
    ///
    /// - Parameters:
    ///   - name: The step's.
    ///   - undone: Steps that have to be done again if an operation of this one fails. That is one entry with the failure:
    ///     no run finds the one without the other.
    ///   - way: The way that a load takes, where there is another.
    ///   - body: Does it, and says how it went.
    func step(
        _ name: JournaledStep, undoing undone: [JournaledStep] = [], through way: ImportWay? = nil,
        _ body: () async throws -> String
    ) async throws {
        guard !state.isFinished(name) else { return }
        try await append(.began(step: name, through: way))
        do {
            try await append(.finished(step: name, result: try await body()))
        } catch let error as MigrationError where error.code != .interrupted && error.code != .locked {
            // What goes on without this run may yet go well.
            guard !running.contains(where: { $0.step == name }) else { throw error }
            let isTorn = state.step(name)?.operations.values.contains { $0.name != nil } == true
            try await append(
                isTorn && !undone.isEmpty
                    ? .undone(steps: undone, reason: error.message) : .failed(step: name, error: error.message))
            throw error
        }
    }

    /// Does without a step, unless it is done.
    ///
    /// - Parameters:
    ///   - name: The step's.
    ///   - reason: Why, in somebody's words.
    func skip(_ name: JournaledStep, _ reason: String) async throws {
        guard !state.isFinished(name) else { return }
        try await append(.skipped(step: name, reason: reason))
    }

    // MARK: Records

    /// Keeps what a step has found out, in an object that is named by its content.
    func keep(_ value: some Encodable, of step: JournaledStep) async throws {
        let text = try JSONText.encode(value, pretty: false)
        let name = "\(JournalReader.hash(text.utf8)).json"
        if let store {
            guard try await store.create(name, ByteBuffer(string: text)) else {
                throw MigrationError(
                    .damagedSnapshot, "\(name) in \(store.location) is not what mi-migrate wrote.",
                    next: "Find out who writes there.")
            }
        } else {
            records[name] = text
        }
        try await append(.kept(step: step, record: name))
    }

    /// Reads what a step has found out.
    ///
    /// - Parameters:
    ///   - step: The step's name.
    ///   - type: What it is.
    /// - Returns: Nil where the step has kept nothing.
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if it is not what the step has kept.
    func record<Value: Decodable>(
        of step: JournaledStep, as type: Value.Type = Value.self
    ) async throws -> Value? {
        guard let name = state.step(step)?.record else { return nil }
        var bytes = Array((records[name] ?? "").utf8)
        if let store, try await store.status(of: name) != nil {
            bytes = try await store.read(name, limit: Self.recordLimit)
        }
        guard "\(JournalReader.hash(bytes)).json" == name, let value = try? JSONText.decode(type, from: bytes) else {
            throw MigrationError(
                .damagedSnapshot, "\(name.printable) in \(store?.location ?? "memory") is not what \(step) recorded.",
                next: "Find out who writes there.")
        }
        return value
    }

    /// A proof has a line for each of some hundred tables.
    private static let recordLimit = 64 << 20

    // MARK: Operations

    /// What an earlier run has left behind of an operation; nil once this run has seen the end of it.
    func operation(_ key: JournaledOperation) -> JournalState.Operation? {
        over.contains(key) ? nil : state.operation(key)
    }

    /// This run waits for the end of an operation: until it is known, its step can neither be done nor have failed.
    func markRunning(_ key: JournaledOperation) { running.insert(key) }

    /// The operation has ended, or was refused.
    func markEnded(_ key: JournaledOperation) {
        running.remove(key)
        over.insert(key)
    }

    /// Has a job done on an instance: that which an earlier run has noted, and which may still be going on, or a new one,
    /// which is noted first.
    ///
    /// - Parameters:
    ///   - key: The operation.
    ///   - body: Gets the job's name. Unless it cannot reach the instance, the job is over when it ends.
    func job<Value>(_ key: JournaledOperation, _ body: (String) async throws -> Value) async throws -> Value {
        var name = operation(key)?.name
        if name == nil {
            name = Self.newJobName(key.step)
            try await append(.waiting(step: key, operation: name ?? ""))
        }
        markRunning(key)
        do {
            let value = try await body(name ?? "")
            markEnded(key)
            return value
        } catch let error as MigrationError where error.code != .unreachable && error.code != .interrupted {
            markEnded(key)
            throw error
        }
    }

    /// The name of a job that no other has had.
    static func newJobName(_ step: JournaledStep) -> String {
        let words = "\(step)".map { $0.isLetter ? $0 : "-" }
        return "\(String(words))-\(String(UInt32.random(in: .min ... .max), radix: 36))"
    }

    // MARK: Writing

    /// Writes an entry. It is there when this returns, also for a task that is cancelled meanwhile.
    ///
    /// - Throws: ``MigrationError`` with code `locked` if somebody else has written in its place.
    func append(_ event: JournalEvent) async throws {
        let earlier = writing
        let mine = Task {
            _ = await earlier?.result
            try await self.write(event)
        }
        writing = mine
        try await mine.value
    }

    private func write(_ event: JournalEvent) async throws {
        if isUnsure { try await findOut() }
        let entry = JournalEntry(number: entries.count + 1, by: writer, previous: hash, event: event.bounded)
        if let store {
            guard !isLost else { throw takenOver }
            let text = try JSONText.encode(entry)
            isUnsure = true
            guard try await store.create(JournalReader.name(entry.number), ByteBuffer(string: text)) else {
                // That entry is another's for good: whoever looks again finds nothing new of it.
                (isLost, isUnsure) = (true, false)
                _ = try? await readOn()
                throw takenOver
            }
            isUnsure = false
            hash = JournalReader.hash(text.utf8)
        }
        take(entry)
        observer?(entry.event)
    }

    /// Has somebody told of each entry that is written from now on.
    func observe(_ observer: @escaping @Sendable (JournalEvent) -> Void) { self.observer = observer }

    private func take(_ entry: JournalEntry) {
        entries.append(entry)
        state.take(entry)
    }

    /// An entry whose writing nobody has confirmed may be there after all: it is this run's then, and counts.
    private func findOut() async throws {
        isLost = try await readOn().contains { $0.by != writer }
        isUnsure = false
    }

    private var takenOver: MigrationError {
        let who = state.holder.map { "\($0.writer.who.printable) (process \($0.writer.process))" } ?? "Another run"
        return MigrationError(
            .locked, "\(who) has taken over this migration.",
            next: "Nothing more was done here. `mi-migrate status` shows its progress.")
    }
}
