/// Pauses between looks at something that takes its time: short at first, so that what is soon done is soon seen, and
/// longer with every look.
package struct Pauses: Sendable {
    private var upcoming: Duration
    private let longest: Duration

    /// - Parameters:
    ///   - first: The first pause; each further one is half as long again: what is over is seen after half as
    ///     much time again as it took.
    ///   - longest: The longest pause.
    package init(from first: Duration = .milliseconds(20), upTo longest: Duration) {
        upcoming = min(first, longest)
        self.longest = longest
    }

    /// The next pause.
    mutating func next() -> Duration {
        defer { upcoming = min(upcoming * 1.5, longest) }
        return upcoming
    }

    /// Waits.
    ///
    /// - Parameter least: What a server has asked for.
    package mutating func wait(atLeast least: Duration = .zero) async throws {
        try await Task.sleep(for: max(next(), least))
    }
}
