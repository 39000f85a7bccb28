import Synchronization

/// Tells of a run in a line for each step, once it is over: its name, how long it took, what came of it.
///
/// A step's parts are told with it: it is over when the last of as many parts as are expected is, or else when a part of
/// another one begins. Databases that are imported side by side are in different steps at a time.
package final class StepLines: Sendable {
    private struct Open {
        var step: MigrationStep
        var start = ContinuousClock.now
        var results: [(part: String, text: String)] = []
        /// How many parts are still to come; nil: nobody knows.
        var left: Int?
    }

    private let onEvent: MigrationEventHandler
    private let open = Mutex<[Open]>([])
    private let expected = Mutex<[MigrationStep: Int]>([:])

    init(onEvent: @escaping MigrationEventHandler) { self.onEvent = onEvent }

    /// So many parts of a step are still to come.
    func expect(_ parts: Int, of step: MigrationStep) { expected.withLock { $0[step] = parts } }

    /// Takes an entry of the journal as it is written.
    func take(_ event: JournalEvent) {
        switch event {
        case .began(let name, _): if let step = name.step { begin(step) }
        case .finished(let name, let result): finished(name, result)
        case .skipped(let name, let reason):
            onEvent(
                .notice(
                    .init(
                        .step, Self.line("\(name)", StepProgress.skipped.rawValue, reason),
                        [
                            "step": .init("\(name)"), "state": .init(StepProgress.skipped.rawValue),
                            "result": .init(reason),
                        ])))
        case .completed: tell(closeAll())
        default: break
        }
    }

    /// A step begins, also one that is in no journal.
    func begin(_ step: MigrationStep) {
        let left = expected.withLock { $0[step] }
        let closed = open.withLock { open in
            let closed = open.filter { $0.step != step && $0.left == nil }
            open.removeAll { $0.step != step && $0.left == nil }
            if !open.contains(where: { $0.step == step }) { open.append(Open(step: step, left: left)) }
            return closed
        }
        tell(closed)
    }

    /// A step is over that is in no journal; nothing happens if that was told already.
    func end(_ step: MigrationStep, _ result: String) { finished(JournaledStep(step), result) }

    private func finished(_ name: JournaledStep, _ result: String) {
        let closed: Open? = open.withLock { open in
            guard let index = open.firstIndex(where: { $0.step == name.step }) else { return nil }
            // One that stands for all of its parts says what they came to.
            let isWhole = name.isWhole
            open[index].results = isWhole ? [("", result)] : open[index].results + [(name.part, result)]
            if let left = open[index].left { open[index].left = left - 1 }
            return isWhole || open[index].left == 0 ? open.remove(at: index) : nil
        }
        if let closed { tell([closed]) }
    }

    private func closeAll() -> [Open] {
        open.withLock { open in
            defer { open = [] }
            return open
        }
    }

    private func tell(_ closed: [Open]) {
        for step in closed where !step.results.isEmpty {
            // Where all parts came to the same, once is enough.
            let isSame = Set(step.results.map(\.text)).count == 1
            let shown = step.results.prefix(Self.resultLimit).map { "\($0.part) \($0.text)" }.joined(separator: "; ")
            let more = step.results.count - Self.resultLimit
            let text = isSame ? step.results[0].text : shown + (more > 0 ? "; and \(more) more" : "")
            let duration = ContinuousClock.now - step.start
            onEvent(
                .notice(
                    .init(
                        .step, Self.line(step.step.rawValue, Quantity.duration(duration), text),
                        [
                            "step": .init(step.step.rawValue), "state": .init(StepProgress.done.rawValue),
                            "seconds": .init(duration), "result": .init(text),
                        ])))
        }
    }

    /// One for each database; a split dump has hundreds of objects, which the report lists.
    private static let resultLimit = Database.allCases.count
    private static let nameWidth = MigrationStep.allCases.map(\.rawValue.count).max() ?? 0
    private static let timeWidth = 12

    private static func line(_ name: String, _ time: String, _ text: String) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return "\(padded(name, nameWidth))  \(padded(time, timeWidth))  \(text)"
    }

    /// What happens within a step, without the lines that stay: of those a run of the whole way has one a step.
    package static func quiet(_ onEvent: @escaping MigrationEventHandler) -> MigrationEventHandler {
        { event in
            switch event {
            case .finished(let name, _): onEvent(.finished(name, summary: ""))
            case .notice(let notice) where !ofUploads.contains(notice.code): break
            default: onEvent(event)
            }
        }
    }

    /// An upload that is followed is nobody's step, and may take hours.
    private static let ofUploads = Set(
        [MigrationNotice.Code.following, .nothingToFollow, .uploadAwaited, .uploadComplete].map(\.rawValue))
}
