import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// The whole acceptance test against another instance than the one that was dumped.
@Suite(.timeLimit(.minutes(30))) struct AcceptanceTests {
    @Test func instanceThatIsWhatItWasPasses() async throws {
        try await FakeSourcegraph.with { fake in
            let report = try await fake.test(try await fake.connected().summary()).run()
            #expect(report.isPassed && report.attempts == 1)
            #expect(
                report.findings.map(\.name) == [
                    "reachable", "version", "site-id", "code-hosts", "auth-providers", "counts", "alerts",
                    "site-configuration", "code-host-sync", "permission-sync", "out-of-band-migrations",
                    "schema-drift", "notice",
                ])
            #expect(fake.violations == [])
        }
    }

    // MARK: Differences

    @Test func eachDifferenceIsFound() async throws {
        try await FakeSourcegraph.with { fake in
            let findings = try await fake.findings { instance in
                instance.siteID = "another"
                instance.externalServices.removeFirst()
                instance.externalServices.append(.init(id: 9, kind: "OTHER", displayName: "new", lastSyncAt: Date()))
                instance.authProviders[1].serviceID = "https://github.example.com/"
                instance.users.removeLast()
            }
            #expect(try findings.named("site-id").verdict == .fail)
            let hosts = try findings.named("code-hosts")
            #expect(hosts.verdict == .fail && hosts.details.count == 2)
            #expect(hosts.details.contains { $0.hasPrefix("GITHUB") && $0.hasSuffix("is missing") })
            #expect(hosts.details.contains { $0.hasPrefix("OTHER") && $0.hasSuffix("is new") })
            let providers = try findings.named("auth-providers")
            #expect(providers.verdict == .fail && providers.details.count == 2)
            #expect(try findings.named("counts").details.contains("users: 2, 3 before"))
            // Health is looked at all the same.
            #expect(try findings.named("code-host-sync").verdict == .pass && findings.named("notice").verdict == .pass)
            #expect(fake.violations == [])
        }
    }

    @Test func olderReleaseFails() async throws {
        let expected = try await FakeSourcegraph.with(version: "5.2.7") { try await $0.connected().summary() }
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            let finding = try await fake.test(expected).run().findings.named("version")
            #expect(finding.verdict == .fail && !finding.mayClear)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [("6.2.0", Finding.Verdict.pass), ("6.1.0", .fail)])
    func kindsThatTheReleaseHasNoMoreAreNotMissed(version: String, verdict: Finding.Verdict) async throws {
        let packages = FakeInstance.ExternalService(id: 8, kind: "NPMPACKAGES", displayName: "npm", lastSyncAt: Date())
        let expected = try await FakeSourcegraph.with { fake in
            fake.change { $0.externalServices.append(packages) }
            return try await fake.connected().summary()
        }
        try await FakeSourcegraph.with(version: version) { fake in
            let finding = try await fake.test(expected).run().findings.named("code-hosts")
            #expect(finding.verdict == verdict)
            #expect(finding.details.first?.hasSuffix(verdict == .pass ? "is gone, as expected" : "is missing") == true)
            #expect(fake.violations == [])
        }
    }

    @Test func whatAManagedInstanceAddsIsExpected() async throws {
        try await FakeSourcegraph.with { fake in
            let finding = try await fake.findings { instance in
                let id = "https://sourcegraph.okta.com"
                instance.authProviders.insert(
                    .init(type: "sourcegraph-operator", serviceID: id, displayName: "Operators"), at: 0)
            }.named("auth-providers")
            #expect(finding.verdict == .pass && finding.details.count == 1)
            #expect(fake.violations == [])
        }
    }

    // MARK: What cannot be asked

    @Test(arguments: [
        ("SiteAlerts", "alerts"), ("SiteConfiguration", "site-configuration"), ("PermissionJobs", "permission-sync"),
        ("PermissionStats", "permission-sync"), ("OutOfBandMigrations", "out-of-band-migrations"),
        ("GlobalSettings", "notice"), ("AuthProviders", "summary"), ("CodeHosts", "summary"),
    ])
    func whatCannotBeAskedIsAFindingAndTheRestIsLookedAt(operation: String, name: String) async throws {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            fake.fault(.errors(["database is on fire"]), on: operation, times: 1000)
            let report = try await fake.test(expected).run()
            let failed = report.findings.filter { $0.verdict == .fail }
            let alsoHosts = operation == "CodeHosts" ? ["code-host-sync"] : []
            #expect(failed.map(\.name) == [name] + alsoHosts)
            #expect(failed.allSatisfy { $0.mayClear && $0.details == ["database is on fire"] })
            #expect(report.findings.count == (name == "summary" ? 9 : 13))
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [FakeSourcegraph.Fault.status(500), .reset, .damagedGzip, .answer("{}", contentType: "text/html")])
    func brokenAnswersFailTheirFindingAlone(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            fake.fault(fault, on: "OutOfBandMigrations", times: 10_000)
            let failed = try await fake.test(expected).run().findings.filter { $0.verdict == .fail }
            #expect(failed.map(\.name) == ["out-of-band-migrations"])
            #expect(fake.violations == [])
        }
    }

    @Test func instanceThatCannotBeReachedIsAFinding() async throws {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            let test = try fake.test(expected)
            await fake.stop()
            let report = try await test.run()
            #expect(!report.isPassed && report.findings.map(\.name) == ["reachable"])
            #expect(report.findings[0].mayClear)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["sgp_wrong", FakeInstance.userToken]) func wrongTokenIsAFindingThatDoesNotMend(token: String)
        async throws
    {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            var test = try fake.test(expected, token: token)
            test.patience = .seconds(3600)
            let report = try await test.run()
            #expect(report.attempts == 1 && report.findings.map(\.name) == ["reachable"])
            #expect(!report.findings[0].mayClear && report.findings[0].remedy != nil)
            #expect(!report.findings.text.contains("sgp_"))
            #expect(fake.violations == [])
        }
    }
}
