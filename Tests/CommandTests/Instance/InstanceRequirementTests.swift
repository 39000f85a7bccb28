import FakeSourcegraph
import Foundation
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What has to hold of an instance before it is moved.
@Suite(.timeLimit(.minutes(30))) struct InstanceRequirementTests {
    private func findings(
        version: String = "5.1.8", token: String? = nil,
        _ change: @escaping @Sendable (inout FakeInstance) -> Void = { _ in }
    ) async throws -> [Finding] {
        try await FakeSourcegraph.with(version: version) { fake in
            fake.change { change(&$0) }
            let findings = try await InstanceRequirements(fake.client(token: token)).look().findings
            #expect(fake.violations == [])
            return findings
        }
    }

    @Test func instanceThatCanBeMovedPasses() async throws {
        let findings = try await findings()
        #expect(findings.map(\.name) == ["reachable", "site-admin", "version", "encryption-keys", "clock"])
        #expect(findings.allSatisfy { $0.verdict == .pass && $0.place == "instance" && $0.remedy == nil })
    }

    // MARK: Release and token

    @Test(arguments: [
        ("3.19.2", Finding.Verdict.fail), ("3.20.0", .pass), ("0.0.0+dev", .warn), ("insiders\u{1b}", .warn),
    ])
    func releaseIsJudged(version: String, verdict: Finding.Verdict) async throws {
        let finding = try await findings { $0.version = version }.named("version")
        #expect(finding.verdict == verdict && (finding.remedy != nil) == (verdict != .pass))
        #expect(!finding.reason.contains("\u{1b}"))
    }

    @Test func tokenOfAUserFailsAndWhatItCannotSeeToo() async throws {
        let findings = try await findings(token: FakeInstance.userToken)
        #expect(try findings.named("site-admin").verdict == .fail)
        #expect(try findings.named("site-admin").reason.contains("grace"))
        let keys = try findings.named("encryption-keys")
        #expect(keys.verdict == .fail && keys.remedy?.contains("site admin") == true)
        #expect(try findings.named("version").verdict == .pass && findings.named("clock").verdict == .pass)
    }

    @Test func nobodyIsToldWhereTokensAreMade() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.isPublic = true }
            let client = try SourcegraphClient(SourcegraphAccess(endpoint: fake.url), environment: [:])
            let finding = try await InstanceRequirements(client).look().findings.named("site-admin")
            #expect(finding.verdict == .fail)
            #expect(finding.remedy?.contains("\(fake.endpoint)/user/settings/tokens/new") == true)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [nil, "sgp_wrong"]) func whoeverIsNotLetInIsToldWhy(token: String?) async throws {
        try await FakeSourcegraph.with { fake in
            let access = SourcegraphAccess(endpoint: fake.url, token: token.map { Secret($0) })
            let findings = try await InstanceRequirements(SourcegraphClient(access, environment: [:])).look().findings
            #expect(findings.map(\.name) == ["reachable"] && findings[0].verdict == .fail)
            #expect(findings[0].remedy?.contains("SRC_ACCESS_TOKEN") == true)
            #expect(!findings.text.contains("sgp_wrong"))
            #expect(fake.violations == [])
        }
    }

    @Test func instanceThatIsDownIsAFinding() async throws {
        try await FakeSourcegraph.with { fake in
            let client = try fake.client()
            await fake.stop()
            let findings = try await InstanceRequirements(client).look().findings
            #expect(findings.map(\.name) == ["reachable"] && findings[0].verdict == .fail)
            #expect(fake.violations == [])
        }
    }

    @Test func cancellingEndsIt() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.stall, on: "SiteConfiguration")
            let client = try fake.client()
            let run = Task { try await InstanceRequirements(client).look().findings }
            try await fake.waitUntil { $0.stalled > 0 }
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
            #expect(fake.violations == [])
        }
    }

    // MARK: Encryption

    @Test(arguments: [
        ("{\n  // keys\n  \"encryption.keys\": { \"userKey\": {\"type\": \"env\"} }, // old\n}", Finding.Verdict.fail),
        ("{\"encryption.keys\": \"x\"}", .fail), ("{\"encryption\\u002ekeys\": {\"a\": 1}}", .fail),
        ("{\"encryption.keys\": {}, }", .pass), ("{\"encryption.keys\": null /* none */}", .pass),
        ("{ // \"encryption.keys\": {\"a\": 1}\n}", .pass), ("{\"a\": {\"encryption.keys\": {\"a\": 1}}}", .pass),
        ("", .pass), ("{\"encryption.keys\": ", .warn), ("[]", .warn),
    ])
    func keysAreFoundInWhateverTheConfigurationIs(text: String, verdict: Finding.Verdict) async throws {
        let finding = try await findings { $0.siteConfiguration.contents = text }.named("encryption-keys")
        #expect(finding.verdict == verdict, "\(finding.reason)")
        #expect((finding.remedy != nil) == (verdict != .pass))
    }

    @Test func configurationThatCannotBeReadFails() async throws {
        let findings = try await findings { $0.fieldErrors["SiteConfiguration.effectiveContents"] = "disk is full" }
        let finding = try findings.named("encryption-keys")
        #expect(finding.verdict == .fail && finding.details == ["disk is full"])
        #expect(try findings.named("clock").verdict == .pass)
    }

    // MARK: Clock

    @Test(arguments: [(10.0, Finding.Verdict.pass), (60, .warn), (400, .fail)], [1.0, -1])
    func clockIsHeldAgainstTheInstances(expectation: (seconds: Double, verdict: Finding.Verdict), sign: Double)
        async throws
    {
        let finding = try await findings { $0.clockAhead = expectation.seconds * sign }.named("clock")
        #expect(finding.verdict == expectation.verdict)
        #expect(finding.reason.contains(sign > 0 ? " behind the instance's" : " ahead of the instance's"))
    }

    /// While it waits to ask again, time passes.
    @Test func waitingForTheInstanceIsNoSkew() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.reset, on: "Clock", times: 40)
            let client = try fake.client(patience: .seconds(600))
            let start = ContinuousClock.now
            let skew = try #require(try await client.clockSkew())
            #expect(fake.requests(for: "Clock").count == 41)
            // The header's seconds are whole, and half of all the time is more.
            #expect(abs(skew / .seconds(1)) < max(1.5, (ContinuousClock.now - start) / .seconds(1) / 2))
            #expect(fake.violations == [])
        }
    }
}
