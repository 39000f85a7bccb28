/// A migration's report as a page that is complete in itself: no script, no picture and no address of anywhere else, so
/// that it can be sent, archived, printed and read without a network.
struct ReportPage {
    let report: MigrationReport

    /// The page; the same for equal reports.
    var text: String { page.markup }

    /// A part of the page that the contents list.
    struct Section {
        /// Its anchor.
        var id: String
        /// Its heading.
        var title: String
        /// A word on what is in it.
        var remark = ""
        var body: HTML
    }

    private var page: HTML {
        let sections = [timeline, steps, data, upgrade, instance, provenance]
        return .page(
            titled: "\(report.verdict.title): migration of \(report.title ?? report.server)",
            """
            \(header)
            \(contents(sections))
            <main>
            \(doubts)
            \(.all(sections.map(section)))
            </main>
            \(footer)
            """)
    }

    private func contents(_ sections: [Section]) -> HTML {
        let links = sections.map { section -> HTML in
            "<li><a href=\"#\(section.id)\">\(section.title)</a></li>"
        }
        return "<nav aria-label=\"Contents\"><ul>\(.all(links))</ul></nav>"
    }

    private func section(_ section: Section) -> HTML {
        let remark: HTML = section.remark.isEmpty ? "" : "<p class=\"remark\">\(section.remark)</p>"
        return """
            <section id="\(section.id)" aria-labelledby="h-\(section.id)">
            <h2 id="h-\(section.id)">\(section.title)</h2>
            \(remark)\(section.body)
            </section>

            """
    }

    private var footer: HTML {
        """
        <footer>
        <p>Written by \(report.createdBy) at \(Self.time(report.createdAt, TimeText.seconds)). Times are in UTC.</p>
        </footer>
        """
    }
}
