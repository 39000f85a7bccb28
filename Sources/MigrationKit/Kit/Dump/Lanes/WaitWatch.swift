import Synchronization

/// Watches a dump's stream, and tells which side is waited for when nothing passes for a while.
final class WaitWatch: Sendable {
    /// What is waited for.
    enum Side: Sendable, Hashable {
        /// The stream was asked for more and has none: the server, or the way to it.
        case source
        /// Nobody asks for more: the store, or the way to it.
        case store
    }

    private let state = Mutex<(side: Side, since: ContinuousClock.Instant)?>((.source, .now))

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

    private func note(_ side: Side) { state.withLock { $0 = (side, .now) } }

    /// Who is waited for, and for how long; nil: the stream has ended.
    var waiting: (side: Side, time: Duration)? {
        state.withLock { state in state.map { ($0.side, ContinuousClock.now - $0.since) } }
    }

    /// Runs `body`, and tells of every wait that is too long.
    ///
    /// - Parameter tell: Is told who is waited for, and for how long.
    func telling<Value: Sendable>(
        _ tell: @escaping @Sendable (Side, Duration) async -> Void, during body: () async throws -> Value
    ) async rethrows -> Value {
        let teller = Task {
            var next = Self.limit
            while true {
                try await Task.sleep(for: .seconds(1))
                guard let (side, time) = waiting else { return }
                guard time >= Self.limit else {
                    next = Self.limit
                    continue
                }
                guard time >= next else { continue }
                await tell(side, time)
                next = time + Self.again
            }
        }
        defer { teller.cancel() }
        return try await body()
    }
}
