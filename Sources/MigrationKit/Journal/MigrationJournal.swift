internal import Foundation
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
    /// How many entries there are.
    public private(set) var count = 0
    /// SHA-256 of the last entry, which names the one before it, and so on: of the whole journal.
    public private(set) var hash = ""

    private let store: (any ObjectStore)?
    private let lease: Duration
    /// The entry that is being written: the next waits for it.
    private var writing: Task<Void, any Error>?
    /// Somebody else has taken over: nothing may be written any more.
    private var isLost = false

    /// Names a journal.
    ///
    /// - Parameters:
    ///   - store: A folder of its own in a bucket; nil: it is kept in memory, and a run that is killed begins anew.
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
        guard let store else { return }
        let reader = JournalReader(store: store)
        let entries = try await reader.entries(after: count, hash)
        for entry in entries {
            state.take(entry.entry)
            (count, hash) = (entry.entry.number, entry.hash)
        }
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
                    try await self.giveSignsOfLife()
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

    private var leaseEnd: String { (Date() + lease / .seconds(1)).formatted(.iso8601) }

    private func giveSignsOfLife() async throws {
        while true {
            try await Task.sleep(for: lease / 3)
            try await append(.working(until: leaseEnd))
        }
    }

    /// Does a step, unless it is done.
    ///
    /// - Parameters:
    ///   - name: The step's.
    ///   - body: Does it, and says how it went.
    func step(_ name: String, _ body: () async throws -> String) async throws {
        guard !state.isFinished(name) else { return }
        try await append(.began(step: name))
        do {
            try await append(.finished(step: name, result: try await body()))
        } catch let error as MigrationError where error.code != .interrupted && error.code != .locked {
            try await append(.failed(step: name, error: error.message.printable))
            throw error
        }
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
        let entry = JournalEntry(number: count + 1, by: writer, previous: hash, event: event)
        if let store {
            guard !isLost else { throw takenOver }
            let text = try JSONText.encode(entry)
            guard try await store.create(JournalReader.name(entry.number), ByteBuffer(string: text)) else {
                isLost = true
                try? await read()
                throw takenOver
            }
            hash = JournalReader.hash(text.utf8)
        }
        count = entry.number
        state.take(entry)
    }

    private var takenOver: MigrationError {
        let who = state.holder.map { "\($0.writer.who.printable) (process \($0.writer.process))" } ?? "Somebody else"
        return MigrationError(
            .locked, "\(who) has taken over this migration.",
            next: "Nothing more was done here. `mi-migrate status` tells how far it is.")
    }
}
