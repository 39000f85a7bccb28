/// Where all of it comes from, for whoever wants to look it up.
extension ReportPage {
    var provenance: Section {
        let journal = report.journal
        let earlier =
            journal.earlier == 0
            ? nil : HTML.text("\(Self.count(journal.earlier, "import")) started before this one and abandoned")
        let facts = Self.facts([
            ("Journal", .text(journal.location)), ("Entries", .text(Self.count(journal.entries))),
            ("SHA-256 of the journal", journal.hash.isEmpty ? nil : "<code>\(journal.hash)</code>"),
            ("SHA-256 of the manifest", report.identity?.manifest.map { "<code>\($0)</code>" }),
            ("Before", earlier),
        ])
        let (shown, rest) = Self.limited(report.runs)
        let columns = [
            Column(title: "By"), Column(title: "Program"), Column(title: "First entry"), Column(title: "Last entry"),
            Column(title: "Entries", isNumber: true), Column(title: "End"),
        ]
        let rows = shown.map { run -> [HTML] in
            [
                .text(run.who), .text(run.program), Self.time(run.beganAt), Self.time(run.lastAt),
                .text(Self.count(run.entries)),
                run.isAtWork
                    ? Self.chip("at work", .busy)
                    : run.hasEnded ? Self.chip("ended", .good) : Self.chip("interrupted", .look),
            ]
        }
        let runs =
            report.runs.isEmpty ? Self.empty("No run has worked on it.") : Self.table("Runs", columns, rows) + rest
        return Section(
            id: "provenance", title: "Provenance",
            remark:
                "Each entry of the journal holds the hash of the one before, so the last hash stands for all of them.",
            body: """
                \(facts)
                <h3>Runs of the command</h3>
                \(runs)
                """)
    }
}
