internal import NIOCore
public import SystemPackage

/// What an acceptance test of a migrated instance came to.
public struct AcceptanceReport: Sendable, Codable {
    /// What was looked at.
    public var findings: [Finding]
    /// How often it was looked at until that was the result.
    public var attempts: Int
    /// How long it took.
    public var duration: Duration

    /// Whether the instance may be handed over: nothing has failed.
    public var isPassed: Bool { !findings.contains { $0.verdict == .fail } }
    /// Whether the instance could be asked, as a site admin; if not, that is all that was found.
    public var isTested: Bool { !findings.contains { $0.name == Self.reachable && $0.verdict == .fail } }

    /// The name of the finding that all others depend on.
    static let reachable = "reachable"

    enum CodingKeys: String, CodingKey { case findings, attempts, seconds, passed }

    /// Reads what ``encode(to:)`` has written.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        findings = try values.decode([Finding].self, forKey: .findings)
        attempts = try values.decode(Int.self, forKey: .attempts)
        duration = .seconds(try values.decode(Double.self, forKey: .seconds))
    }

    init(findings: [Finding], attempts: Int, duration: Duration) {
        (self.findings, self.attempts, self.duration) = (findings, attempts, duration)
    }

    /// Writes `findings`, `attempts`, `seconds` and `passed`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(findings, forKey: .findings)
        try values.encode(attempts, forKey: .attempts)
        try values.encode(duration / .seconds(1), forKey: .seconds)
        try values.encode(isPassed, forKey: .passed)
    }

    /// Writes ``junit`` to a file, which appears when it is whole.
    ///
    /// - Throws: ``MigrationError`` if it cannot be written.
    public func writeJUnit(to path: FilePath) async throws {
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(string: junit)) }
    }

    /// The report as JUnit XML, which build servers show: a test case for each finding. What is only to be looked at
    /// has passed, with a word in `system-out`.
    public var junit: String {
        let failures = findings.count { $0.verdict == .fail }
        let milliseconds = Int(duration / .milliseconds(1))
        let seconds = "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuites>",
            #"  <testsuite name="mi-migrate test" tests="\#(findings.count)" failures="\#(failures)" errors="0" "#
                + #"skipped="0" time="\#(seconds)" timestamp="\#(JSONText.timestamp())">"#,
        ]
        for finding in findings {
            let head =
                #"    <testcase classname="\#(finding.place.xmlEscaped)" name="\#(finding.name.xmlEscaped)" time="0""#
            let text = ([finding.reason] + finding.details + [finding.remedy].compactMap(\.self))
                .joined(separator: "\n").xmlEscaped
            lines.append("\(head)>")
            if finding.verdict == .fail {
                lines.append(
                    #"      <failure message="\#(finding.reason.xmlEscaped)" type="\#(finding.name.xmlEscaped)">"#
                        + "\(text)</failure>")
            } else {
                lines.append("      <system-out>\(finding.verdict.rawValue): \(text)</system-out>")
            }
            lines.append("    </testcase>")
        }
        return (lines + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n") + "\n"
    }
}
