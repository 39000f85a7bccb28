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
        let table = Self.table("Steps", columns, shown.map(row))
        return Section(
            id: "steps", title: "Steps",
            remark: "\(done) of \(Self.count(report.steps.count, "step")) done"
                + (skipped == 0 ? "." : ", \(skipped) skipped."),
            body: Self.folded("All steps, with sizes and rates", isOpen: parts.count <= 40, table + rest) + attempts)
    }

    private func row(_ part: MigrationReport.Part) -> [HTML] {
        let last = part.attempts.last
        let text = last.flatMap { $0.outcome == .done ? $0.undone ?? $0.text : $0.text }
        return [
            "\(part.name.description)", Self.chip(part.state.rawValue, Self.tone(part.state)),
            part.attempts.isEmpty || part.state == .skipped ? "" : .text(Self.duration(part.seconds)),
            part.bytes.map { .text(Quantity.bytes($0)) } ?? "", part.rate.map { .text(Self.rate($0)) } ?? "",
            text.map(Self.longText) ?? "",
        ]
    }

    /// Those that were not done at the first attempt, or not at all.
    private var attempts: HTML {
        let parts = (report.steps.flatMap(\.parts) + (report.restore.map { [$0] } ?? [])).filter { part in
            part.attempts.count > 1 || part.attempts.contains { $0.outcome != .done || $0.undone != nil }
        }
        let all = parts.flatMap { part in part.attempts.map { (part.name, $0) } }
        guard !all.isEmpty else { return "" }
        let (shown, rest) = Self.limited(all)
        let columns = [
            Column(title: "Step"), Column(title: "Began"), Column(title: "Took", isNumber: true),
            Column(title: "Outcome"), Column(title: "By"), Column(title: "Why"),
        ]
        let rows = shown.map { name, attempt -> [HTML] in
            let undone = attempt.undone != nil && attempt.outcome == .done
            return [
                "\(name.description)", Self.time(attempt.beganAt),
                attempt.outcome == .skipped ? "" : attempt.seconds.map { .text(Self.duration($0)) } ?? "",
                undone
                    ? Self.chip("undone", .look) : Self.chip(attempt.outcome.rawValue, Self.tone(attempt.outcome)),
                .text(report.runs.indices.contains(attempt.run) ? report.runs[attempt.run].who : ""),
                (undone ? attempt.undone : attempt.text).map(Self.longText) ?? "",
            ]
        }
        return Self.folded(
            "Steps that ran more than once: \(Self.count(all.count, "attempt"))", isOpen: all.count <= 20,
            Self.table("Attempts", columns, rows) + rest)
    }
}
