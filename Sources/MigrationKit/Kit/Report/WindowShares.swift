internal import MigrationKitFoundation

/// What a window was spent on: each of its seconds belongs to the steps that were at work then, or to nothing.
struct WindowShares {
    /// A share of the window.
    struct Share: Hashable {
        /// The steps that were at work at the same time, in their order; empty: none.
        var steps: [MigrationStep]
        var seconds: Double
    }

    /// The shares, in the order in which they began.
    private(set) var shares: [Share] = []

    init(_ window: MigrationWindow, _ steps: [MigrationReport.Step]) {
        let (begin, end) = (window.beganAt, window.endedAt)
        var changes: [(at: Date, step: MigrationStep, by: Int)] = []
        for step in steps {
            for attempt in step.deciding.flatMap(\.attempts) where attempt.outcome != .skipped {
                let (from, to) = (max(attempt.beganAt, begin), min(attempt.endedAt ?? end, end))
                if from < to { changes += [(from, step.step, 1), (to, step.step, -1)] }
            }
        }
        var (now, atWork) = (begin, [MigrationStep: Int]())
        for change in changes.sorted(by: { $0.at < $1.at }) {
            add(change.at.timeIntervalSince(now), of: atWork)
            now = change.at
            atWork[change.step, default: 0] += change.by
        }
        add(end.timeIntervalSince(now), of: [:])
    }

    private mutating func add(_ seconds: Double, of atWork: [MigrationStep: Int]) {
        guard seconds > 0 else { return }
        let steps = atWork.filter { $0.value > 0 }.keys.sorted()
        if let index = shares.firstIndex(where: { $0.steps == steps }) {
            shares[index].seconds += seconds
        } else {
            shares.append(Share(steps: steps, seconds: seconds))
        }
    }
}

extension ReportPage {
    /// The window as a bar, and what each stretch of it is.
    var window: HTML {
        guard let window = report.window, window.seconds > 0 else { return "" }
        let shares = WindowShares(window, report.steps).shares
        var (bars, lines, before) = (HTML.nothing, HTML.nothing, 0.0)
        for (index, share) in shares.enumerated() {
            let (x, width) = (before / window.seconds * 100, share.seconds / window.seconds * 100)
            let (place, size) = (Self.percent(x), Self.percent(width))
            bars =
                bars
                + (index.isMultiple(of: 2)
                    ? "<rect class=\"share\" x=\"\(place)\" width=\"\(size)\" height=\"100%\"/>"
                    : "<rect class=\"share odd\" x=\"\(place)\" width=\"\(size)\" height=\"100%\"/>")
            lines = lines + "<li><b>\(share.name)</b> \(Self.duration(share.seconds)), \(Int(width.rounded()))%</li>\n"
            before += share.seconds
        }
        return """
            <h3 id="window">Frozen until handed over: \(window.description)</h3>
            <svg class="strip shares" aria-hidden="true">\(bars)</svg>
            <ol class="shares">
            \(lines)</ol>
            """
    }
}

extension WindowShares.Share {
    fileprivate var name: String {
        steps.isEmpty ? "no step" : steps.map(\.rawValue).joined(separator: " and ")
    }
}
