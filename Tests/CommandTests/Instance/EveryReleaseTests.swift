import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// All that is asked of an instance, of every release whose API differs.
@Suite(.timeLimit(.minutes(30))) struct EveryReleaseTests {
    static let releases = [
        "3.20.1", "3.21.2", "3.23.0", "3.24.1", "3.25.2", "3.26.3", "3.33.2", "3.34.2", "3.43.2", "4.0.1", "4.1.3",
        "4.2.1",
        "4.3.1", "4.5.1", "5.0.6", "5.1.8", "5.2.7", "5.7.2474", "5.8.1579", "5.10.3940", "5.11.6271", "6.0.0", "6.2.0",
        "6.12.5040", "7.0.0", "7.2.1943", "204870_2023-03-30_5.0-64f93593ba02", "0.0.0+dev",
    ]

    @Test(arguments: releases)
    func nothingIsAskedThatTheReleaseLacks(version: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            let instance = try await fake.connected()
            let summary = try await instance.summary()
            #expect(summary.externalServices.map(\.kind) == ["BITBUCKETSERVER", "GITLAB", "GITHUB"])
            _ = try await SiteNotice(instance).add()
            var test = TestInstance(client: instance.client, expected: summary)
            test.patience = .zero
            let report = try await test.run()
            #expect(report.isPassed, "\(report.findings.text)")
            _ = try await SiteNotice(instance).remove()
            let requirements = try await InstanceRequirements(instance.client).look().findings
            #expect(requirements.allSatisfy { $0.verdict != .fail }, "\(requirements.text)")
            #expect(fake.violations == [])
        }
    }
}

extension FakeSourcegraph {
    /// As an operator or customer would ask it, with little patience.
    func client(token: String? = nil, patience: Duration = .milliseconds(500)) throws -> SourcegraphClient {
        var options = SourcegraphClient.Options()
        options.retry.patience = patience
        options.retry.firstDelay = .milliseconds(10)
        options.retry.longestDelay = .milliseconds(50)
        let access = SourcegraphAccess(endpoint: url, token: Secret(token ?? self.token))
        return try SourcegraphClient(access, options: options, environment: [:])
    }

    func connected() async throws -> SourcegraphInstance { try await SourcegraphInstance(client()) }
}
