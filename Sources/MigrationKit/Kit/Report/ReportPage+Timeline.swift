internal import MigrationKitFoundation

/// A row of the timeline: a step, or the returns to the copy of the databases.
private struct TimelineRow {
    var name: String
    var state: StepProgress
    var parts: [MigrationReport.Part]
    var seconds: Double

    init(_ step: MigrationReport.Step) {
        (name, state, parts, seconds) = (step.step.rawValue, step.state, step.deciding, step.seconds)
    }

    init(_ restore: MigrationReport.Part) {
        (name, state, parts, seconds) = ("\(restore.name)", restore.state, [restore], restore.seconds)
    }
}

/// The steps on an axis of time: a row each, whose bars are its attempts.
extension ReportPage {
    var timeline: Section {
        let rows = (report.steps.map(TimelineRow.init) + (report.restore.map { [TimelineRow($0)] } ?? []))
            .filter { !$0.parts.isEmpty }
        guard !rows.isEmpty else {
            return Section(id: "timeline", title: "Timeline", body: Self.empty("No step has started."))
        }
        let axis = TimeAxis(rows.flatMap(\.parts).flatMap(\.attempts).compactMap(span))
        let lines = rows.enumerated().map { index, row -> HTML in
            """
            <li><span class="name">\(row.name)</span>\
            <span class="took">\(took(row)) \(Self.chip(row.state.rawValue, Self.tone(row.state)))</span>\
            \(strip(row, index, axis))</li>

            """
        }
        let body: HTML = """
            <ol class="timeline">
            <li class="axis" aria-hidden="true"><span class="name"></span><span class="took"></span>\(scale(axis))</li>
            \(.all(lines))</ol>
            \(legend(axis))
            \(window)
            """
        return Section(id: "timeline", title: "Timeline", remark: remark, body: body)
    }

    private var remark: String {
        let runs = Self.count(report.runs.count, "run")
        return "\(Self.duration(report.secondsAtWork)) at work, in \(runs) of the command. Times are in UTC."
    }

    private func took(_ row: TimelineRow) -> HTML {
        row.state == .skipped || row.state == .toDo
            ? "" : "\(Self.duration(row.seconds))"
    }

    static func tone(_ state: StepProgress) -> Tone {
        switch state {
        case .done: .good
        case .skipped, .stopped: .look
        case .failed: .bad
        case .atWork, .begun: .busy
        case .toDo: .quiet
        }
    }

    /// From when to when; what is still going on goes on until the report was written.
    private func span(_ attempt: MigrationReport.Attempt) -> ClosedRange<Double>? {
        guard attempt.outcome != .skipped else { return nil }
        let begin = attempt.beganAt.timeIntervalSince1970
        return begin...max(begin, (attempt.endedAt ?? report.createdAt).timeIntervalSince1970)
    }

    // MARK: Bars

    private func strip(_ row: TimelineRow, _ index: Int, _ axis: TimeAxis) -> HTML {
        let attempts = row.parts.flatMap { part in part.attempts.map { (part.name, $0) } }
        let told = attempts.map { name, attempt in
            "\(name): \(attempt.outcome.rawValue), \(Self.clock(attempt.beganAt))"
                + (attempt.endedAt.map { " to \(Self.clock($0))" } ?? "")
        }
        // Those that failed lie above those that were done.
        let sorted = attempts.map(\.1).filter { $0.outcome == .done } + attempts.map(\.1).filter { $0.outcome != .done }
        return """
            <svg class="strip" role="img" aria-labelledby="t\(index) d\(index)">\
            <title id="t\(index)">\(row.name): \(row.state.rawValue)</title>\
            <desc id="d\(index)">\(told.joined(separator: "; "))</desc>\
            \(breaks(axis))\(.all(sorted.prefix(Self.lineLimit).compactMap { bar($0, axis) }))</svg>
            """
    }

    private func breaks(_ axis: TimeAxis) -> HTML {
        .all(
            axis.breaks.map { gap in
                let (from, to) = (gap.places.lowerBound, gap.places.upperBound)
                return """
                    <rect class="break" x="\(Self.percent(from))" width="\(Self.percent(to - from))" height="100%"/>
                    """
            })
    }

    private func bar(_ attempt: MigrationReport.Attempt, _ axis: TimeAxis) -> HTML? {
        guard let span = span(attempt) else { return nil }
        let (from, to) = (axis.place(span.lowerBound), axis.place(span.upperBound))
        let (x, width) = (Self.percent(from), Self.percent(to - from))
        switch attempt.outcome {
        case .done where attempt.undone == nil:
            return "<rect class=\"bar good\" x=\"\(x)\" y=\"8\" width=\"\(width)\" height=\"14\" rx=\"2\"/>"
        case .done: return "<rect class=\"bar quiet\" x=\"\(x)\" y=\"8\" width=\"\(width)\" height=\"14\" rx=\"2\"/>"
        case .atWork: return "<rect class=\"bar busy\" x=\"\(x)\" y=\"8\" width=\"\(width)\" height=\"14\" rx=\"2\"/>"
        default:
            let isFailed = attempt.outcome == .failed
            let bar: HTML =
                isFailed
                ? "<rect class=\"bar bad\" x=\"\(x)\" y=\"8\" width=\"\(width)\" height=\"14\" rx=\"2\"/>"
                : "<rect class=\"bar look\" x=\"\(x)\" y=\"8\" width=\"\(width)\" height=\"14\" rx=\"2\"/>"
            // A mark that is seen however short it was, and without colours.
            let end = Self.percent(min(max(to, 2), 98))
            let mark: HTML = isFailed ? "×" : "‖"
            return bar + """
                <circle class="mark" cx="\(end)" cy="15" r="7"/>\
                <text class="mark" x="\(end)" y="19" text-anchor="middle">\(mark)</text>
                """
        }
    }

    /// Two decimals, and always the same for the same number.
    static func percent(_ place: Double) -> String {
        let hundredths = Int((min(max(place, 0), 100) * 100).rounded())
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }

    // MARK: Axis

    private func scale(_ axis: TimeAxis) -> HTML {
        let labels = axis.ticks(distance: 24).map { time, place -> HTML in
            let label = Self.clock(Date(timeIntervalSince1970: time))
            let x = Self.percent(place)
            let text: HTML =
                place < TimeAxis.ends.left
                ? "<text x=\"\(x)\" y=\"14\" text-anchor=\"start\">\(label)</text>"
                : place > TimeAxis.ends.right
                    ? "<text x=\"\(x)\" y=\"14\" text-anchor=\"end\">\(label)</text>"
                    : "<text x=\"\(x)\" y=\"14\" text-anchor=\"middle\">\(label)</text>"
            return text + "<line class=\"tick\" x1=\"\(x)\" x2=\"\(x)\" y1=\"20\" y2=\"26\"/>"
        }
        return "<svg class=\"strip\" aria-hidden=\"true\">\(.all(labels))</svg>"
    }

    private func legend(_ axis: TimeAxis) -> HTML {
        let breaks = axis.breaks.map { gap in
            let length = Self.duration(gap.times.upperBound - gap.times.lowerBound)
            return "\(length) from \(Self.dayAndClock(Date(timeIntervalSince1970: gap.times.lowerBound)))"
        }
        guard !breaks.isEmpty else { return "" }
        return """
            <p class="legend"><span class="swatch" aria-hidden="true"></span> Idle time, not to scale: \
            \(breaks.joined(separator: "; ")).</p>
            """
    }

    private static func clock(_ date: Date) -> String { String(dayAndClock(date).suffix(8)) }

    private static func dayAndClock(_ date: Date) -> String {
        String(TimeText.seconds(date).prefix(19)).replacing("T", with: " ")
    }
}
