internal import MigrationKitFoundation

/// Waits for what comes next of an upload, and not for ever: for so long after something last arrived.
struct UploadPatience {
    private let limit: Duration
    private let onEvent: MigrationEventHandler
    private var lastArrival = StallTime.current.now()
    /// The same, for a person.
    private var since = Date()
    private var pauses = Self.pauses
    private var lastTold = Duration.zero

    /// What arrives is often followed by more; what stands still is asked about every five seconds.
    private static var pauses: Pauses { Pauses(from: .milliseconds(100), upTo: .seconds(5)) }
    /// After so much silence, somebody is told.
    private static let telling = (first: Duration.seconds(60), again: Duration.seconds(600))

    init(_ limit: Duration, onEvent: @escaping MigrationEventHandler) { (self.limit, self.onEvent) = (limit, onEvent) }

    /// Something has arrived.
    mutating func begin() {
        (lastArrival, since, pauses, lastTold) = (StallTime.current.now(), Date(), Self.pauses, .zero)
    }

    /// Waits a while.
    ///
    /// - Parameter what: What is awaited.
    /// - Returns: False if it has been awaited for long enough.
    mutating func pause(for what: String) async throws -> Bool {
        let silence = StallTime.current.now() - lastArrival
        guard silence < limit else { return false }
        if silence >= (lastTold == .zero ? Self.telling.first : lastTold + Self.telling.again) {
            lastTold = silence
            onEvent(
                .notice(
                    .init(
                        .uploadAwaited,
                        "Still waiting for \(what): nothing has arrived since \(TimeText.minutes(since)). Giving up in "
                            + "\(Quantity.duration(limit - silence)).",
                        [
                            "what": .init(what), "since": .init(TimeText.seconds(since)),
                            "secondsLeft": .init(limit - silence),
                        ])))
        }
        try await pauses.wait()
        return true
    }
}
