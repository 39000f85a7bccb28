/// How far each piece of work is, gathered from a flow's events: what a progress bar shows.
public struct MigrationProgress: Sendable {
    private var works: [WorkInProgress] = []

    /// Nothing has begun.
    public init() {}

    /// A piece of work at a moment.
    public struct Work: Sendable, Hashable {
        /// What it is, such as `primary`.
        public var name: String
        /// Bytes that have passed.
        public var bytes: Int64
        /// Bytes that there are, as far as that is known and has not shown itself to be wrong.
        public var total: Int64?
        /// Bytes a second of late.
        public var bytesPerSecond: Int64?
        /// Seconds to go at this rate.
        public var secondsLeft: Int?
        /// What is passing, such as a table.
        public var detail: String?

        /// How much of it is done, from 0 to 1; nil where nobody knows how much there is.
        public var fractionCompleted: Double? { total.map { Double(bytes) / Double($0) } }
    }

    /// Takes the next event.
    ///
    /// - Returns: The piece of work that has advanced; nil for all other events.
    @discardableResult
    public mutating func take(_ event: MigrationEvent) -> Work? { works.take(event).map { Work($0) } }

    /// What is under way, in the order in which it began.
    public var underWay: [Work] { works.map { Work($0.progress()) } }
}

extension MigrationProgress.Work {
    fileprivate init(_ line: ProgressLine) {
        self.init(
            name: line.name, bytes: line.bytes, total: line.knownTotal, bytesPerSecond: line.rate,
            secondsLeft: line.secondsLeft, detail: line.detail)
    }
}

extension MigrationEvent {
    /// The event in words, as the commands print it, perhaps in several lines; nil for what is progress alone.
    public var text: String? {
        let text =
            switch self {
            case .started, .advanced, .finished(_, summary: ""): ""
            case .finished(let name, let summary): "\(name): \(summary)"
            case .failed(let name, let error): "\(name): failed. \(error.message)"
            case .notice(let notice): notice.text
            case .warning(let notice): "warning: \(notice.text)"
            }
        let lines = text.redacted.split(separator: "\n").map { String($0).printable }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
