/// Every step with all of its attempts.
extension ReportPage {
    var steps: Section {
        let done = report.steps.count { $0.state == .done }
        let skipped = report.steps.count { $0.state == .skipped }
        let parts =
            report.steps.flatMap { step -> [MigrationReport.Part] in
                step.parts.isEmpty ? [MigrationReport.Part(name: JournaledStep(step.step), attempts: [])] : step.parts
            } + (report.restore.map { [$0] } ?? [])
        let (shown, rest) = Self.limited(parts)
        let columns = [
            Column(title: "Step"), Column(title: "State"), Column(title: "Took", isNumber: true),
            Column(title: "Bytes", isNumber: true), Column(title: "Rate", isNumber: true),
            Column(title: "Result"),
        ]
        let over = Set(shown.indices.filter { shown[$0].state == .done })
        return Section(
            id: "steps", title: "Steps",
            remark: "\(done) of \(Self.count(report.steps.count, "step")) done"
                + (skipped == 0 ? "." : ", \(skipped) skipped."),
            body: Self.folded(
                "All steps, with sizes and rates", isOpen: parts.count <= 40,
                Self.table("Steps", columns, shown.map(row), over: over) + rest))
    }

    private func row(_ part: MigrationReport.Part) -> [HTML] {
        let last = part.attempts.last
        let text = last.flatMap { $0.outcome == .done ? $0.undone ?? $0.text : $0.text }
        return [
            "\(part.name.description)", Self.chip(part.state.rawValue, Self.tone(part.state)),
            part.attempts.isEmpty || part.state == .skipped ? "" : .text(Self.duration(part.seconds)),
            part.bytes.map { .text(Quantity.bytes($0)) } ?? "", part.rate.map { .text(Self.rate($0)) } ?? "",
            (text.map(Self.longText) ?? "") + attempts(part),
        ]
    }

    /// All attempts of a part that was not done at the first, folded.
    private func attempts(_ part: MigrationReport.Part) -> HTML {
        guard part.attempts.count > 1 || part.attempts.contains(where: { $0.undone != nil }) else { return "" }
        let (shown, rest) = Self.limited(part.attempts)
        let items = shown.map { attempt -> HTML in
            let isUndone = attempt.undone != nil && attempt.outcome == .done
            let chip =
                isUndone
                ? Self.chip("undone", .look) : Self.chip(attempt.outcome.rawValue, Self.tone(attempt.outcome))
            let took = attempt.outcome == .skipped ? nil : attempt.seconds.map { ", \(Self.duration($0))" }
            let who = report.runs.indices.contains(attempt.run) ? ", \(report.runs[attempt.run].who)" : ""
            let why = (isUndone ? attempt.undone : attempt.text).map(Self.longText) ?? ""
            return "<li>\(chip) \(Self.time(attempt.beganAt))\((took ?? "") + who) \(why)</li>\n"
        }
        return """
            <details class="inline"><summary>\(Self.count(part.attempts.count, "attempt"))</summary>
            <ol class="attempts">\(.all(items))</ol>\(rest)</details>
            """
    }
}
