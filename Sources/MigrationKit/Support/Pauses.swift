/// Pauses between looks at something that takes its time: short at first, so that what is soon done is soon seen, and
/// longer with every look.
struct Pauses: Sendable {
    private var upcoming: Duration
    private let longest: Duration

    /// - Parameters:
    ///   - first: The first pause; each further one is twice as long.
    ///   - longest: The longest pause.
    init(from first: Duration = .milliseconds(20), upTo longest: Duration) {
        upcoming = min(first, longest)
        self.longest = longest
    }

    /// The next pause.
    mutating func next() -> Duration {
        defer { upcoming = min(upcoming * 2, longest) }
        return upcoming
    }

    /// Waits.
    mutating func wait() async throws { try await Task.sleep(for: next()) }
}
