/// Work that a ``Console`` shows: how far it is, and how fast it has been of late.
package struct WorkInProgress {
    package let name: String
    let total: Int64?
    let start: ContinuousClock.Instant
    private(set) var bytes: Int64 = 0
    private(set) var detail: String?
    private var lastAdvanced: ContinuousClock.Instant
    /// Oldest first; the first may be older than `window`, the others are not.
    private var samples: [Sample] = []

    private struct Sample {
        var time: ContinuousClock.Instant
        var bytes: Int64
    }

    /// The rate is that of the last ten seconds: that of the whole would tell nothing of a link that has just failed,
    /// and too much of a transfer that was resumed, where most was there at the start.
    private static let window = Duration.seconds(10)
    private static let sampleInterval = Duration.milliseconds(250)
    /// A rate of less time than this is an accident.
    private static let shortest = Duration.seconds(1)

    init(name: String, total: Int64?, at now: ContinuousClock.Instant = .now) {
        (self.name, self.total) = (name, total)
        (start, lastAdvanced) = (now, now)
    }

    mutating func advance(to bytes: Int64, detail: String?, at now: ContinuousClock.Instant = .now) {
        (self.bytes, self.detail, lastAdvanced) = (bytes, detail, now)
        // The last is always that of now, and makes place for the next where it came too soon to be kept.
        if samples.count > 1, samples[samples.count - 1].time - samples[samples.count - 2].time < Self.sampleInterval {
            samples.removeLast()
        }
        samples.append(Sample(time: now, bytes: bytes))
        let old = samples.count { now - $0.time >= Self.window }
        samples.removeFirst(max(0, old - 1))
    }

    /// Where it is at a moment.
    package func progress(at now: ContinuousClock.Instant = .now) -> ProgressLine {
        ProgressLine(
            name: name, bytes: bytes, total: total, rate: rate(at: now), elapsed: now - start,
            silence: now - lastAdvanced, detail: detail)
    }

    /// Bytes a second; nil as long as there is too little to go by.
    private func rate(at now: ContinuousClock.Instant) -> Int64? {
        guard let from = samples.last(where: { now - $0.time >= Self.window }) ?? samples.first else { return nil }
        let time = now - from.time
        return time < Self.shortest ? nil : Int64(Double(max(0, bytes - from.bytes)) / (time / .seconds(1)))
    }
}

extension [WorkInProgress] {
    /// Takes an event that tells of work.
    ///
    /// - Returns: How far the work is, if the event is that it has advanced.
    package mutating func take(_ event: MigrationEvent) -> ProgressLine? {
        switch event {
        case .started(let name, let total): append(WorkInProgress(name: name, total: total))
        case .advanced(let name, let bytes, let detail):
            guard let index = firstIndex(where: { $0.name == name }) else { return nil }
            self[index].advance(to: bytes, detail: detail)
            return self[index].progress()
        case .finished(let name, _), .failed(let name, _): removeAll { $0.name == name }
        case .notice, .warning: break
        }
        return nil
    }
}
