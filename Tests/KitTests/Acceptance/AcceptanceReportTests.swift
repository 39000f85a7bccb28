import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

@Suite struct AcceptanceReportTests {
    private let report = AcceptanceReport(
        findings: [
            Finding("version", in: "summary", .pass, "5.1.8, as before."),
            Finding("alerts", in: "instance", .warn, "Look.", details: ["a"], remedy: "See."),
            Finding(
                "code-hosts", in: "summary", .fail, "1 < 2 & \"quoted\"", details: ["]]> \u{1}\u{FFFF}'"], remedy: "Do."
            ),
        ], attempts: 2, duration: .milliseconds(1500))

    @Test func junitHasATestCaseForEachFinding() throws {
        let document = try XMLCases(report.junit)
        #expect(document.attributes["tests"] == "3" && document.attributes["failures"] == "1")
        #expect(document.attributes["time"] == "1.500")
        #expect(document.cases == ["summary.version", "instance.alerts", "summary.code-hosts"])
        #expect(document.failures == ["1 < 2 & \"quoted\"\n]]> ??'\nDo."])
    }

    @Test func oneFailureIsEnough() {
        #expect(!report.isPassed)
        var good = report
        good.findings.removeLast()
        #expect(good.isPassed)
    }

    @Test func jsonTellsWhetherItPassed() throws {
        let text = try JSONText.encode(report, pretty: false)
        #expect(
            text.contains(#""passed":false"#) && text.contains(#""attempts":2"#) && text.contains(#""seconds":1.5"#))
    }

    @Test func textHasAPlaceALineAndARemedy() {
        let lines = report.findings.text.split(separator: "\n").map(String.init)
        #expect(lines.contains("  ok    version     5.1.8, as before."))
        #expect(lines.contains { $0.hasPrefix("  FAIL  code-hosts  ") })
        #expect(lines.contains { $0.hasSuffix("→ See.") })
        #expect(report.findings.tally == "1 passed, 1 warning, 1 failed.")
    }
}
