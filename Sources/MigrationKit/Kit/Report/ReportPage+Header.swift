/// The verdict, and the migration at a glance.
extension ReportPage {
    var header: HTML {
        let verdict = report.verdict
        return """
            <header>
            <p class="kicker">Migration report</p>
            <h1>\(report.title ?? report.server)</h1>
            <div class="verdict \(tone.name)" role="status">
            \(Self.sign(tone))
            <div><p class="word">\(verdict.title)</p>
            <p class="sentence">\(HTML.prose(verdict.text))</p>\(next)</div>
            </div>
            \(warnings)
            \(figures)
            \(overview)
            </header>
            """
    }

    private var next: HTML { report.verdict.next.map { "\n<p class=\"next\">\(HTML.prose($0))</p>" } ?? "" }

    /// What somebody should look at, each with the way to where it is told.
    private var warnings: HTML {
        let all = report.warnings
        guard !all.isEmpty else { return "" }
        let shown = all.prefix(Self.warningLimit).map { warning -> HTML in
            "<li>\(Self.chip("warning", .look)) <a href=\"#instance\">\(warning.name)</a>: \(warning.reason)</li>\n"
        }
        let rest: HTML =
            all.count > Self.warningLimit
            ? "<li><a href=\"#instance\">\(Self.count(all.count - Self.warningLimit)) more</a></li>\n" : ""
        return "<ul class=\"plain warnings\" aria-label=\"Warnings\">\n\(.all(shown))\(rest)</ul>"
    }

    private static let warningLimit = 5

    private var tone: Tone {
        switch report.verdict.kind {
        case .passed: .good
        case .passedInPart, .unproven: .look
        case .failed: .bad
        case .unfinished: .busy
        }
    }

    /// A sign that does without colours.
    static func sign(_ tone: Tone) -> HTML {
        let path: HTML =
            switch tone {
            case .good: "<path d=\"M13 25l8 8 15-17\"/>"
            case .look: "<path d=\"M24 12v16M24 34v2\"/>"
            case .bad: "<path d=\"M15 15l18 18M33 15L15 33\"/>"
            case .busy, .quiet: "<path d=\"M24 13v12l8 5\"/>"
            }
        return """
            <svg class="sign" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="21"/>\(path)</svg>
            """
    }

    // MARK: Figures

    private var figures: HTML {
        let proofs = report.databases.compactMap(\.proof)
        let tables = proofs.flatMap(\.tables)
        let equal = tables.count(where: \.isEqual)
        let loaded = report.steps.first { $0.step == .load }?.parts.filter { $0.state == .done } ?? []
        let bytes = Quantity.sum64(loaded.compactMap(\.bytes))
        var figures: [HTML] = []
        if !proofs.isEmpty {
            let isCounted = proofs.contains(where: \.countsOnly)
            figures.append(
                Self.figure(
                    "\(Self.count(equal)) of \(Self.count(tables.count))",
                    isCounted ? "tables with the same number of rows" : "tables proven equal"))
            figures.append(Self.figure(Self.count(Quantity.sum(proofs.map(\.rows))), "rows dumped"))
        }
        if bytes > 0 { figures.append(Self.figure(Quantity.bytes(bytes), "loaded")) }
        if report.secondsAtWork > 0 { figures.append(Self.figure(Self.duration(report.secondsAtWork), "at work")) }
        return figures.isEmpty ? "" : "<ul class=\"figures\">\(.all(figures))</ul>"
    }

    private static func figure(_ number: String, _ noun: String) -> HTML {
        "<li><strong>\(number)</strong> <span>\(noun)</span></li>"
    }

    // MARK: Overview

    private var overview: HTML {
        let release = report.fromRelease.map { from in
            report.toRelease.map { from == $0 ? from : "\(from) → \($0)" } ?? from
        }
        return Self.facts([
            ("Snapshot", .text(report.identity?.snapshot ?? report.snapshot)),
            ("Destination", .text(report.identity?.target ?? report.server)),
            ("Sourcegraph", release.map(HTML.text)),
            ("Databases", .text(report.databases.map(\.database.importedName).joined(separator: ", "))),
            ("Began", report.beganAt.map { "\(Self.time($0)) UTC" }),
            ("Imported and proven", report.importedAt.map { "\(Self.time($0)) UTC" }),
            ("Frozen until handed over", report.window.map { .text($0.description) }),
            ("Last step done", report.endedAt.map { "\(Self.time($0)) UTC" }),
            ("Worked on by", report.people.isEmpty ? nil : .text(report.people.joined(separator: ", "))),
        ])
    }

    /// What cannot be shown, before all that can.
    var doubts: HTML {
        guard !report.doubts.isEmpty else { return "" }
        let items = report.doubts.map { doubt -> HTML in
            let chip = doubt.isProof ? Self.chip("no proof", .bad) : Self.chip("note", .look)
            return "<li>\(chip) <b>\(doubt.subject)</b> <span class=\"wrap\">\(doubt.reason)</span></li>\n"
        }
        return """
            <section class="doubts" aria-labelledby="h-doubts">
            <h2 id="h-doubts">What this report cannot show</h2>
            <ul class="plain">\(.all(items))</ul>
            </section>

            """
    }
}
