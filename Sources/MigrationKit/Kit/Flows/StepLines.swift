import Synchronization

/// Tells of a run in a line for each step, once it is over: its name, how long it took, what came of it.
///
/// A step's parts are told with it: it is over when a part of another one begins, or nothing more comes.
package final class StepLines: Sendable {
    private struct Open {
        var step: MigrationStep
        var start = ContinuousClock.now
        var results: [(part: String, text: String)] = []
    }

    private let onEvent: MigrationEventHandler
    private let open = Mutex<Open?>(nil)

    init(onEvent: @escaping MigrationEventHandler) { self.onEvent = onEvent }

    /// Takes an entry of the journal as it is written.
    func take(_ event: JournalEvent) {
        switch event {
        case .began(let name): if let step = name.step { begin(step) }
        case .finished(let name, let result): finished(name, result)
        case .skipped(let name, let reason):
            onEvent(.notice(Self.line("\(name)", StepProgress.skipped.rawValue, reason)))
        case .completed: close()
        default: break
        }
    }

    /// A step begins, also one that is in no journal.
    func begin(_ step: MigrationStep) {
        if open.withLock({ $0?.step != step }) { close() }
        open.withLock { if $0 == nil { $0 = Open(step: step) } }
    }

    /// A step is over that is in no journal; nothing happens if that was told already.
    func end(_ step: MigrationStep, _ result: String) { finished(JournaledStep(step), result) }

    private func finished(_ name: JournaledStep, _ result: String) {
        let isWhole = open.withLock { open in
            guard var step = open, name.step == step.step else { return false }
            // One that stands for all of its parts says what they came to.
            step.results = name.isWhole ? [("", result)] : step.results + [(name.part, result)]
            open = step
            return name.isWhole
        }
        if isWhole { close() }
    }

    private func close() {
        let closed = open.withLock { open in
            defer { open = nil }
            return open
        }
        guard let closed, !closed.results.isEmpty else { return }
        // Where all parts came to the same, once is enough.
        let isSame = Set(closed.results.map(\.text)).count == 1
        let all = closed.results.map { "\($0.part) \($0.text)" }.joined(separator: "; ")
        let text = isSame ? closed.results[0].text : all
        onEvent(.notice(Self.line(closed.step.rawValue, Quantity.duration(.now - closed.start), text)))
    }

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
            case .notice: break
            default: onEvent(event)
            }
        }
    }
}
