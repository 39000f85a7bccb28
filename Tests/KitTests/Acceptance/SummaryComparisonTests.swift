import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct SummaryComparisonTests {
    private typealias Service = SnapshotSummary.ExternalService
    private typealias Provider = SnapshotSummary.AuthProvider

    private func summary(
        _ services: [Service] = [], _ providers: [Provider] = [], version: String = "5.1.8", siteID: String = "site",
        counts: [String: Int] = [:], notCounted: [String: String] = [:]
    ) -> SnapshotSummary {
        SnapshotSummary(
            externalServices: services, authProviders: providers,
            instance: .init(
                productVersion: version, siteID: siteID, codeHosts: [:], counts: counts, notCounted: notCounted,
                alerts: []))
    }

    private func finding(_ name: String, _ expected: SnapshotSummary, _ found: SnapshotSummary) throws -> Finding {
        let findings = SummaryComparison(expected: expected, found: found).findings
        return try #require(findings.first { $0.name == name })
    }

    // MARK: Code hosts

    @Test func orderDoesNotMatter() throws {
        let (a, b) = (Service(kind: "GITHUB", id: "1"), Service(kind: "GITLAB", id: "2"))
        #expect(try finding("code-hosts", summary([a, b]), summary([b, a])).verdict == .pass)
    }

    @Test(arguments: [
        ([Service](), "GITHUB 1 is missing"),
        ([Service(kind: "GITLAB", id: "1")], "1 is GITLAB and was GITHUB"),
        ([Service(kind: "GITHUB", id: "1"), Service(kind: "OTHER", id: "2")], "OTHER 2 is new"),
    ])
    private func differenceIsNamedAndFinal(found: [Service], detail: String) throws {
        let finding = try finding("code-hosts", summary([Service(kind: "GITHUB", id: "1")]), summary(found))
        #expect(finding.verdict == .fail && !finding.mayClear)
        #expect(finding.details == [detail])
    }

    @Test func ofManyDifferencesTheFirstAreNamed() throws {
        let many = (1...5000).map { Service(kind: "GITHUB\u{1b}", id: "\($0)") }
        let finding = try finding("code-hosts", summary(many), summary([]))
        #expect(finding.reason == "5000 code host connections differ.")
        #expect(finding.details.count == 21 && finding.details[0] == "GITHUB\\u{1b} 1 is missing")
        #expect(finding.details.last == "… and 4980 more")
    }

    @Test(arguments: [
        ("NPMPACKAGES", "6.1.9", Finding.Verdict.fail), ("NPMPACKAGES", "6.2.0", .pass), ("GOMODULES", "7.0.0", .pass),
        ("LOCALGIT", "5.2.0", .pass), ("LOCALGIT", "5.1.9", .fail), ("GITHUB", "7.2.0", .fail),
    ])
    func kindsGoWithTheReleaseThatDropsThem(kind: String, version: String, verdict: Finding.Verdict) throws {
        let finding = try finding(
            "code-hosts", summary([Service(kind: kind, id: "1")]), summary([], version: version))
        #expect(finding.verdict == verdict)
    }

    // MARK: Ways to log in

    private let saml = Provider(serviceType: "saml", serviceID: "https://idp")

    @Test func whatAManagedInstanceAddsIsExpected() throws {
        let found = summary(
            [],
            [
                Provider(serviceType: "sourcegraph-operator", serviceID: "x"), saml,
                Provider(serviceType: "builtin", serviceID: ""),
            ])
        let finding = try finding("auth-providers", summary([], [saml]), found)
        #expect(finding.verdict == .pass)
        #expect(finding.details.count == 2 && finding.details.allSatisfy { $0.contains("as expected") })
    }

    @Test func missingOneIsFinal() throws {
        let finding = try finding("auth-providers", summary([], [saml]), summary([], []))
        #expect(finding.verdict == .fail && !finding.mayClear)
        #expect(finding.details == ["saml (https://idp) is missing"])
    }

    @Test func anotherOfTheSameTypeIsNotTheSame() throws {
        let other = Provider(serviceType: "saml", serviceID: "https://other")
        #expect(try finding("auth-providers", summary([], [saml]), summary([], [other])).verdict == .fail)
    }

    @Test func missingOneOfTwoEqualIsNoticed() throws {
        #expect(try finding("auth-providers", summary([], [saml, saml]), summary([], [saml])).verdict == .fail)
    }

    @Test func emptyIDJustAfterTheStartIsAwaited() throws {
        let young = Provider(serviceType: "saml", serviceID: "")
        let finding = try finding("auth-providers", summary([], [saml]), summary([], [young]))
        #expect(finding.verdict == .fail && finding.mayClear)
    }

    @Test func emptyIDInTheSummaryIsForgiven() throws {
        let young = Provider(serviceType: "saml", serviceID: "")
        #expect(try finding("auth-providers", summary([], [young]), summary([], [saml])).verdict == .pass)
    }

    // MARK: The rest

    @Test(arguments: [("5.1.8", Finding.Verdict.pass), ("6.0.0", .pass), ("5.1.7", .fail), ("0.0.0+dev", .warn)])
    func olderReleaseFails(version: String, verdict: Finding.Verdict) throws {
        #expect(try finding("version", summary(), summary(version: version)).verdict == verdict)
    }

    @Test func otherSiteFails() throws {
        #expect(try finding("site-id", summary(), summary()).verdict == .pass)
        #expect(try finding("site-id", summary(), summary(siteID: "other")).verdict == .fail)
    }

    @Test func fewerIsWorthALookAndMoreIsNot() throws {
        let before = summary(counts: ["users": 10, "repositories": 5, "executors": 3])
        let more = try finding("counts", before, summary(counts: ["users": 12, "repositories": 5, "executors": 0]))
        #expect(more.verdict == .pass && more.details == ["users: 12, 10 before"])
        let fewer = try finding("counts", before, summary(counts: ["users": 9, "repositories": 5]))
        #expect(fewer.verdict == .warn && fewer.details == ["users: 9, 10 before"])
    }

    @Test func whatCannotBeCountedAnyMoreIsWorthALook() throws {
        let before = summary(counts: ["users": 10, "repositories": 5, "executors": 3])
        let found = summary(counts: ["repositories": 6], notCounted: ["users": "relation is missing"])
        let finding = try finding("counts", before, found)
        #expect(finding.verdict == .warn)
        #expect(
            finding.details == ["repositories: 6, 5 before", "users: not counted (relation is missing), 10 before"])
    }

    @Test func whatIsGoneAltogetherFails() throws {
        let before = summary(counts: ["users": 10, "notebooks": 5])
        #expect(try finding("counts", before, summary(counts: ["users": 0, "notebooks": 5])).verdict == .fail)
        #expect(try finding("counts", before, summary(counts: ["users": 10, "notebooks": 0])).verdict == .warn)
    }

    @Test func summaryBySrcIsComparedAsFarAsItGoes() {
        let old = SnapshotSummary(externalServices: [], authProviders: [])
        let findings = SummaryComparison(expected: old, found: summary()).findings
        let names = findings.map(\.name)
        #expect(findings[0].verdict == .warn)
        #expect(names == ["site-id", "code-hosts", "auth-providers"])
    }
}
