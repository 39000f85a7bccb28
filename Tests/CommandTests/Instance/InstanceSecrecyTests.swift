import FakeSourcegraph
import Foundation
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What is in a site configuration, or in a token, is shown to nobody.
@Suite(.timeLimit(.minutes(30))) struct InstanceSecrecyTests {
    /// What is shown to whoever looks for a fault, with all that there is to show.
    private final class Shown: Sendable {
        private let lines = Mutex<[String]>([])
        var text: String { lines.withLock { $0.joined(separator: "\n") } }
        func append(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func client(_ fake: FakeSourcegraph, _ shown: Shown) throws -> SourcegraphClient {
        var options = SourcegraphClient.Options()
        (options.retry.patience, options.retry.firstDelay) = (.milliseconds(50), .milliseconds(1))
        (options.log.dumpsRequests, options.log.traces, options.log.curl) = (true, true, .withoutSecrets)
        options.log.onText = shown.append
        options.onNotice = { shown.append($0.text) }
        let access = SourcegraphAccess(
            endpoint: fake.url, token: Secret(fake.token), headers: ["X-Gateway": Secret("gateway-secret")])
        return try SourcegraphClient(access, options: options, environment: [:])
    }

    /// Those of before 4.0 show all that is in it.
    @Test(
        arguments: ["3.20.1", "3.43.2", "5.1.8"],
        [
            nil, "{\"secret\": \"site-config-secret\", ", "{\"encryption.keys\": {\"k\": \"site-config-secret\"}}",
            "[\"site-config-secret\"]",
        ])
    func secretsOfTheSiteConfigurationAreNowhere(version: String, contents: String?) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            fake.change { if let contents { $0.siteConfiguration.contents = contents } }
            let shown = Shown()
            let findings = try await InstanceRequirements(client(fake, shown)).look().findings
            let all = findings.text + shown.text + (try JSONText.encode(findings))
            #expect(!all.contains("site-config-secret") && !all.contains("gateway-secret") && !all.contains(fake.token))
            #expect(shown.text.contains("may contain secrets and is not shown"))
            #expect(shown.text.contains("effectiveContents") && shown.text.contains(version))
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        FakeSourcegraph.Fault.answer(
            #"{"data": {"site": {"configuration": "site-config-secret"}}}"#, contentType: "application/json"),
        .answer(
            #"{"data": {"site": {"configuration": {"effectiveContents": ["site-config-secret"]}}}}"#,
            contentType: "application/json"),
        .answer(#"{"data": "site-config-secret"}"#, contentType: "application/json"),
        .answer("site-config-secret", contentType: "text/plain"),
    ])
    func answerThatCannotBeReadIsNotShown(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(fault, on: "SiteConfiguration", times: 100)
            let shown = Shown()
            let findings = try await InstanceRequirements(client(fake, shown)).look().findings
            #expect(try findings.named("encryption-keys").verdict == .fail)
            #expect(!(findings.text + shown.text).contains("site-config-secret"))
            #expect(fake.violations == [])
        }
    }

    private static let echo = "token \(FakeInstance.adminToken) from gateway-secret?"

    @Test(arguments: [
        FakeSourcegraph.Fault.status(400, body: echo), .status(401, body: echo), .status(503, body: echo),
        .errors([echo]), .answer(echo, contentType: "text/plain"),
    ])
    func whatIsSentBackIsMasked(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(fault, on: "Instance", times: 10_000)
            let shown = Shown()
            let findings = try await InstanceRequirements(client(fake, shown)).look().findings
            #expect(findings.map(\.verdict) == [.fail])
            #expect(!(findings.text + shown.text).contains(fake.token), "\(findings.text)")
            #expect(!(findings.text + shown.text).contains("gateway-secret"))
            #expect(fake.violations == [])
        }
    }
}
