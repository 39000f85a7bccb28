extension [Finding] {
    /// The findings for a person: below the place where it was looked a line each, with details and remedy below it.
    public var text: String {
        let width = map(\.name.count).max() ?? 0
        var lines: [String] = []
        var place: String?
        for finding in self {
            if finding.place != place {
                if place != nil { lines.append("") }
                lines.append(finding.place)
                place = finding.place
            }
            let verdict = finding.verdict == .pass ? "ok  " : finding.verdict == .warn ? "warn" : "FAIL"
            let padding = String(repeating: " ", count: width - finding.name.count)
            lines.append("  \(verdict)  \(finding.name)\(padding)  \(finding.reason)")
            let indent = String(repeating: " ", count: width + 10)
            lines += finding.details.map { indent + $0 }
            if let remedy = finding.remedy { lines.append("\(indent)→ \(remedy)") }
        }
        return lines.map(\.printable).joined(separator: "\n")
    }

    /// How many there are of each verdict, as a sentence.
    public var tally: String {
        func count(_ verdict: Finding.Verdict) -> Int { self.count { $0.verdict == verdict } }
        let warnings = count(.warn)
        return "\(count(.pass)) passed, \(warnings) \(warnings == 1 ? "warning" : "warnings"), \(count(.fail)) failed."
    }
}
