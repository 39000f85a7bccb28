internal import MigrationKitFoundation

/// Many migrations as a page that is complete in itself, in the looks of a report.
struct OverviewPage {
    let overview: MigrationOverview
    /// When it is written.
    let at: Date

    var text: String {
        HTML.page(
            titled: "\(word): \(count)",
            """
            <header>
            <p class="kicker">Migrations</p>
            <h1>\(count)</h1>
            <div class="verdict \(tone.name)" role="status">
            \(ReportPage.sign(tone))
            <div><p class="word">\(word)</p>
            <p class="sentence">\(overview.summary)</p></div>
            </div>
            </header>
            <main>
            \(ReportPage.table("Migrations", Self.columns, overview.migrations.map(row)))
            </main>
            <footer>
            <p>Written at \(ReportPage.time(at, TimeText.seconds)). Times are in UTC.</p>
            </footer>
            """
        ).markup
    }

    private var count: String { ReportPage.count(overview.migrations.count, "migration") }

    private var word: String {
        let (failed, done, running) = overview.counts
        if failed > 0 { return "\(ReportPage.count(failed)) failed" }
        if running > 0 { return "\(ReportPage.count(running)) running" }
        return done == overview.migrations.count ? "All done" : "Not finished"
    }

    private var tone: ReportPage.Tone {
        let (failed, done, _) = overview.counts
        return failed > 0 ? .bad : done == overview.migrations.count ? .good : .busy
    }

    private static let columns = [
        ReportPage.Column(title: "Destination"), ReportPage.Column(title: "State"),
        ReportPage.Column(title: "Steps", isNumber: true), ReportPage.Column(title: "Next"),
        ReportPage.Column(title: "Running"), ReportPage.Column(title: "Last entry"),
        ReportPage.Column(title: "Snapshot"),
    ]

    private func row(_ one: MigrationOverview.Migration) -> [HTML] {
        let error: HTML = one.error.map { "<div class=\"error\">\(ReportPage.longText($0))</div>" } ?? ""
        return [
            "\(one.server)\(error)", ReportPage.chip(one.state.rawValue, ReportPage.tone(one.state)),
            one.steps > 0 ? "\(one.done) of \(one.steps)" : "", .text(one.next ?? ""), .text(one.holder ?? ""),
            one.lastAt.map { ReportPage.time($0) } ?? "", .text(one.snapshot ?? ""),
        ]
    }
}
