import Foundation
import Testing

@testable import MigrationKit

/// The page of a report, as text.
@Suite struct ReportPageTests {
    private func page(_ report: MigrationReport) -> String { ReportPage(report: report).text }

    private static let hostile =
        "</script></style></title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&<!--\u{202E}\u{0}\u{1B}[2J"

    /// What stands in the attributes of that name.
    private func values(of attribute: String, in page: String) -> [Substring] {
        page.split(separator: " \(attribute)=\"").dropFirst().compactMap { $0.split(separator: "\"").first }
    }

    @Test func pageIsCompleteInItself() {
        let page = page(ReportSample.report())
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
        #expect(page.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"))
        for reference in [" src=", "<script", "<link", "<img", "<iframe", "@import", "url(", "http:", "https:"] {
            #expect(!page.contains(reference), "\(reference)")
        }
        let links = values(of: "href", in: page)
        #expect(!links.isEmpty && links.allSatisfy { $0.hasPrefix("#") })
    }

    @Test func contentsLeadToEachSection() {
        let page = page(ReportSample.report())
        let ids = Set(values(of: "id", in: page))
        let contents = page[(page.range(of: "<nav")?.upperBound ?? page.endIndex)...]
        #expect(
            values(of: "href", in: String(contents))
                == ["#timeline", "#steps", "#data", "#upgrade", "#instance", "#provenance"])
        #expect(values(of: "href", in: page).allSatisfy { ids.contains($0.dropFirst()) })
        #expect(ids.count == values(of: "id", in: page).count)
        let labels = values(of: "aria-labelledby", in: page).flatMap { $0.split(separator: " ") }
        #expect(labels.allSatisfy(ids.contains))
    }

    @Test func everySectionHasItsFacts() {
        let page = page(ReportSample.report())
        for text in [
            "<h1>acme.main</h1>", "5.1.8 → 5.11.6271", "3 of 3", "tables proven equal",
            "table_2", "owner 1", "ALTER TABLE public.users OWNER TO sg;", "PostgreSQL 12.17", "pg_trgm",
            "sourcegraph/migrator:5.11.6271 up --db=all", "instance containers",
            String(repeating: "a", count: 64), "schema_migrations: 12 applied", "100 kB/s",
        ] {
            #expect(page.contains(text), "\(text)")
        }
    }

    @Test func nothingOfSomebodyElsesIsMarkup() {
        let plain = page(ReportSample.report())
        let page = page(ReportSample.report(text: Self.hostile))
        func tags(_ page: String) -> [Substring] {
            page.split(separator: "<").dropFirst().map { $0.prefix { $0.isLetter || $0.isNumber || "/!".contains($0) } }
        }
        // Long text is folded, so there may be more of these.
        let folding: Set<Substring> = ["details", "/details", "summary", "/summary", "span", "/span"]
        #expect(tags(page).filter { !folding.contains($0) } == tags(plain).filter { !folding.contains($0) })
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(page.contains("\\u{202e}\\u{0}\\u{1b}[2J"))
        let isVisible = page.unicodeScalars.allSatisfy {
            $0 == "\n" || ![.control, .format].contains($0.properties.generalCategory)
        }
        #expect(isVisible)
    }

    @Test func equalReportsAreEqualPages() {
        #expect(page(ReportSample.report()) == page(ReportSample.report()))
    }

    @Test(arguments: MigrationReport.Verdict.Kind.allCases)
    func verdictIsAWordAndASign(kind: MigrationReport.Verdict.Kind) {
        var report = ReportSample.report()
        report.verdict = .init(kind: kind, text: "Why & how.")
        let page = page(report)
        #expect(page.contains("<p class=\"word\">\(report.verdict.title)</p>"))
        #expect(page.contains("<p class=\"sentence\">Why &amp; how.</p>"))
        #expect(page.contains("<svg class=\"sign\""))
    }

    @Test func pageTellsWhatToDoNext() {
        var report = ReportSample.report()
        report.verdict = .init(kind: .failed, text: "It broke.", next: "Fix <it>.")
        #expect(page(report).contains("<p class=\"next\">Fix &lt;it&gt;.</p>"))
        report.verdict.next = nil
        #expect(!page(report).contains("<p class=\"next\">"))
    }

    @Test func warningsStandBelowTheVerdictAndLeadToTheirSection() throws {
        var report = ReportSample.report()
        report.check = (0..<7).map { Finding("part-\($0)", in: "instance", .warn, "Slow & old.") }
        let page = page(report)
        let item = "<span class=\"chip look\">warning</span> <a href=\"#instance\">part-0</a>: Slow &amp; old."
        let found = try #require(page.range(of: item))
        let figures = try #require(page.range(of: "<ul class=\"figures\">"))
        #expect(found.lowerBound < figures.lowerBound)
        #expect(page.contains("<a href=\"#instance\">2 more</a>"))
        report.check = []
        #expect(!self.page(report).contains("class=\"plain warnings\""))
    }

    @Test func headingIsTheTitleThatWasAskedFor() {
        var report = ReportSample.report()
        report.title = "Acme & Co"
        let page = page(report)
        #expect(page.contains("<h1>Acme &amp; Co</h1>") && page.contains("migration of Acme &amp; Co</title>"))
    }

    @Test func stepsThatAreDoneFoldOnAPhone() {
        var report = ReportSample.report()
        let parts = report.steps.flatMap(\.parts).count
        #expect(page(report).split(separator: "<tr class=\"over\"").count - 1 == parts)
        report.steps[3].parts[0].attempts[0].outcome = .failed
        #expect(page(report).split(separator: "<tr class=\"over\"").count - 1 == parts - 1)
    }

    @Test func attemptsAreBarsWithATextOfTheirOwn() {
        var report = ReportSample.report()
        let failed = MigrationReport.Attempt(
            beganAt: ReportSample.time(-86_400), endedAt: ReportSample.time(-86_340), outcome: .failed, text: "torn",
            run: 0)
        report.steps[3].parts[0].attempts.insert(failed, at: 0)
        let page = page(report)
        #expect(page.contains("<rect class=\"bar bad\" x=\"0.00%\""))
        #expect(
            page.contains("load pgsql: failed, 12:00:00 to 12:01:00; load pgsql: done, 12:03:00 to 12:03:50</desc>"))
        #expect(page.contains("Idle time, not to scale: 23 h 59 min from 2026-08-31 12:01:00."))
        #expect(page.contains("<details class=\"inline\"><summary>2 attempts</summary>"))
    }

    @Test func differencesComeFirst() throws {
        var report = ReportSample.report(tables: 400)
        report.databases[0].proof?.tables[7].isEqual = false
        report.databases[0].proof?.tables[7].imported = 5
        report.databases[0].proof?.otherDifferences = ["The sequence <s> is missing."]
        let page = page(report)
        let alarm = try #require(page.range(of: "1 table differing from the dump:"))
        let all = try #require(page.range(of: "<details><summary>400 tables, 79,800,000 rows"))
        #expect(alarm.lowerBound < all.lowerBound)
        #expect(page.contains("<li>The sequence &lt;s&gt; is missing.</li>"))
        #expect(page.contains("<span class=\"chip bad\">differs</span>"))
    }

    @Test func numbersThatCannotBeAreNoTrap() {
        var report = ReportSample.report()
        report.steps[3].parts[0].bytes = .max
        report.steps[3].parts[0].attempts[0].endedAt = report.steps[3].parts[0].attempts[0].beganAt
        report.steps[4].parts[0].bytes = .max
        report.steps[4].parts[0].attempts[0].endedAt = .distantFuture
        report.steps[5].parts[0].bytes = -1
        report.steps[5].parts[0].attempts[0].beganAt = .distantPast
        report.databases[0].proof?.tables[0].dumped = .max
        report.databases[0].dump?.bytes = .min
        report.createdAt = .distantPast
        #expect(page(report).contains("acme.main"))
    }

    @Test func moreThanAPersonReadsIsLeftToTheJSON() {
        let page = page(ReportSample.report(tables: 5003))
        #expect(page.contains("And 3 more: <code>mi-migrate report -o report.json</code>"))
        #expect(page.contains("table_4999</code>") && !page.contains("table_5000</code>"))
    }
}
