/// The upgrade, and what was found of the instance.
extension ReportPage {
    // MARK: Upgrade

    var upgrade: Section {
        guard let upgrade = report.upgrade else {
            return Section(id: "upgrade", title: "Upgrade", body: Self.empty("The upgrade has not started."))
        }
        let stops = upgrade.stops.map { stop in
            "\(stop.minor) for migrations \(stop.migrations.map { "\($0)" }.joined(separator: ", "))"
        }
        let commands = upgrade.commands.map { command -> HTML in "<li><code>\(command)</code></li>\n" }
        let warnings = upgrade.warnings.map { warning -> HTML in "<li>\(Self.chip("note", .look)) \(warning)</li>\n" }
        let body: HTML = """
            \(Self.facts([
                ("From", .text(upgrade.from)), ("To", .text(upgrade.to)), ("Kind", .text(Self.kind(upgrade.kind))),
                ("Stops", .text(stops.isEmpty ? "none" : stops.joined(separator: "; "))),
            ]))
            \(way(upgrade))
            <h3>Runs of the migrator</h3>
            <ol class="commands">\(.all(commands))</ol>
            \(warnings.isEmpty ? "" : "<ul class=\"plain\">\(.all(warnings))</ul>")
            """
        return Section(id: "upgrade", title: "Upgrade", body: body)
    }

    private static func kind(_ kind: UpgradePath.Kind) -> String {
        switch kind {
        case .none: "the same minor release"
        case .standard: "to the next minor release"
        case .multiVersion: "over several minor releases"
        }
    }

    /// The minor releases in a row, the stops among them marked.
    private func way(_ upgrade: MigrationReport.Upgrade) -> HTML {
        let stops = Set(upgrade.stops.map(\.minor))
        let minors = upgrade.minors.map { minor -> HTML in
            stops.contains(minor)
                ? "<li class=\"stop\">\(minor)<span> stop</span></li>" : "<li>\(minor)</li>"
        }
        return "<ol class=\"way\" aria-label=\"Minor releases on the way\">\(.all(minors))</ol>"
    }

    // MARK: Instance

    var instance: Section {
        let test = report.acceptance.map { test -> HTML in
            let took = Self.duration(test.duration / .seconds(1))
            return "<p class=\"remark\">\(Self.count(test.attempts, "attempt")) in \(took).</p>"
                + findings(test.findings)
        }
        let body: HTML = """
            <h3>Services</h3>
            \(report.check.map(findings) ?? Self.empty("Containers and executors have not been checked."))
            <h3>Acceptance test</h3>
            \(test ?? Self.empty("The instance has not been tested against the customer's summary."))
            """
        return Section(id: "instance", title: "Instance", body: body)
    }

    /// What is not as it has to be first; what is, folded.
    private func findings(_ findings: [Finding]) -> HTML {
        let open = findings.filter { $0.verdict != .pass }.sorted { $0.verdict > $1.verdict }
        let passed = findings.filter { $0.verdict == .pass }
        let folded: HTML =
            passed.isEmpty
            ? ""
            : Self.folded(
                "\(Self.count(passed.count)) passed", isOpen: passed.count <= 12,
                "<ul class=\"findings\">\(.all(passed.map(finding)))</ul>")
        return (open.isEmpty ? "" : "<ul class=\"findings\">\(.all(open.map(finding)))</ul>") + folded
    }

    private func finding(_ finding: Finding) -> HTML {
        let chip =
            switch finding.verdict {
            case .pass: Self.chip("ok", .good)
            case .warn: Self.chip("warning", .look)
            case .fail: Self.chip("failed", .bad)
            }
        let details: HTML =
            finding.details.isEmpty
            ? "" : "<ul class=\"details\">\(.all(finding.details.map { "<li>\($0)</li>" }))</ul>"
        let remedy: HTML = finding.remedy.map { "<p class=\"remedy\">\($0)</p>" } ?? ""
        return """
            <li>\(chip)<div><p><b>\(finding.place) \(finding.name)</b> \(finding.reason)</p>\(details)\(remedy)</div></li>

            """
    }
}
