import Synchronization

/// Watches a dump's stream or a server's work, and tells which side is waited for when nothing passes for a while.
final class WaitWatch: Sendable {
    /// What is waited for.
    enum Side: Sendable, Hashable {
        /// The stream was asked for more and has none: the server, or the way to it.
        case source
        /// Nobody asks for more: the store, or the way to it.
        case store
    }

    private let time: StallTime
    private let state: Mutex<(side: Side, since: ContinuousClock.Instant)?>

    init() {
        time = .current
        state = Mutex((.source, time.now()))
    }

    /// How long nothing passes before it is told, and how often it is told again.
    static let limit = Duration.seconds(10)
    static let again = Duration.seconds(60)

    /// The same bytes.
    func watching(_ stream: ByteStream) -> ByteStream {
        let iterator = stream.makeAsyncIterator()
        return ByteStream { [self] in
            note(.source)
            let chunk = try await iterator.next()
            if chunk == nil { state.withLock { $0 = nil } } else { note(.store) }
            return chunk
        }
    }

    private func note(_ side: Side) {
        let now = time.now()
        state.withLock { $0 = (side, now) }
    }

    /// Something has come from the source, though the stream may wait for what is before it.
    func noteArrival() {
        let now = time.now()
        state.withLock { if $0?.side == .source { $0?.since = now } }
    }

    /// Who is waited for, and for how long; nil: the stream has ended.
    var waiting: (side: Side, time: Duration)? {
        let now = time.now()
        return state.withLock { state in state.map { ($0.side, now - $0.since) } }
    }

    /// Runs `body`, and tells of every wait that is too long.
    ///
    /// - Parameter tell: Is told who is waited for, and for how long; false: there was nothing to tell yet.
    func telling<Value: Sendable>(
        _ tell: @escaping @Sendable (Side, Duration) async -> Bool, during body: () async throws -> Value
    ) async rethrows -> Value {
        let teller = Task {
            var next = Self.limit
            while true {
                try await time.sleep(time.now() + .seconds(1))
                guard let (side, waited) = waiting else { return }
                guard waited >= Self.limit else {
                    next = Self.limit
                    continue
                }
                guard waited >= next else { continue }
                next = waited + (await tell(side, waited) ? Self.again : Self.limit)
            }
        }
        defer { teller.cancel() }
        return try await body()
    }
}
