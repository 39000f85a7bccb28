/// A flow that runs, and its events as a sequence: for a display that is a loop.
///
/// ```swift
/// let dump = MigrationEvents { onEvent in
///     try await DumpDatabases(dumpers: dumpers, onEvent: onEvent).run()
/// }
/// for await event in dump { show(event) }
/// let dumped = try await dump.value
/// ```
///
/// The work begins at once, and the sequence ends with it. It may be iterated once; events wait until they are read. The
/// work is cancelled with the task that reads the events or waits for ``value``, and goes on when the loop is left by
/// `break`.
public struct MigrationEvents<Value: Sendable>: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = MigrationEvent
    /// What the work throws comes from ``value``.
    public typealias Failure = Never

    private let events: AsyncStream<MigrationEvent>
    private let task: Task<Value, any Error>

    /// Begins the work.
    ///
    /// - Parameter work: Runs a flow with the handler that it is given.
    public init(_ work: @escaping @Sendable (_ onEvent: @escaping MigrationEventHandler) async throws -> Value) {
        let (events, continuation) = AsyncStream.makeStream(of: MigrationEvent.self)
        self.events = events
        task = Task {
            defer { continuation.finish() }
            return try await work { continuation.yield($0) }
        }
    }

    /// What the work returns, once it has ended.
    ///
    /// - Throws: What it throws.
    public var value: Value {
        get async throws {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(events: events.makeAsyncIterator(), cancel: { [task] in task.cancel() })
    }

    /// Reads the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var events: AsyncStream<MigrationEvent>.AsyncIterator
        let cancel: @Sendable () -> Void

        /// The next event, nil once the work has ended.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> MigrationEvent? {
            let event = await events.next(isolation: actor)
            // A task that is cancelled is told that there are no more.
            if Task.isCancelled { cancel() }
            return event
        }
    }
}
