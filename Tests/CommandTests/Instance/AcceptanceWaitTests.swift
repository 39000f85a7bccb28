import FakeSourcegraph
import Foundation
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What may come right by itself is looked at again.
@Suite(.timeLimit(.minutes(30))) struct AcceptanceWaitTests {
    /// A test with patience, which tells when it is about to look again.
    private func test(
        _ fake: FakeSourcegraph, patience: Duration = .seconds(3600),
        before: @escaping @Sendable (inout FakeInstance) -> Void = { _ in },
        atPause: @escaping @Sendable (Int, inout FakeInstance) -> Void = { _, _ in }
    ) async throws -> AcceptanceReport {
        let expected = try await fake.connected().summary()
        fake.change { before(&$0) }
        let pauses = Counter()
        var test = try fake.test(expected) { event in
            guard case .notice = event else { return }
            let number = pauses.next()
            fake.change { atPause(number, &$0) }
        }
        (test.patience, test.interval) = (patience, .milliseconds(1))
        // However slow this machine is.
        test.patienceAfterStart = .seconds(3600)
        return try await test.run()
    }

    private static func wait(_ instance: inout FakeInstance) {
        instance.authProviders.append(.init(type: "saml", serviceID: "https://idp.example.com", displayName: "SAML"))
    }

    @Test(arguments: [Duration.zero, .seconds(3600)])
    func providerWhoseMetadataIsFetchedMeanwhilePasses(patience: Duration) async throws {
        try await FakeSourcegraph.with(instance: Self.wait) { fake in
            let report = try await test(fake, patience: patience) {
                $0.authProviders[2].serviceID = ""
            } atPause: { pause, instance in
                if pause == 2 { instance.authProviders[2].serviceID = "https://idp.example.com" }
            }
            #expect(report.isPassed)
            // With patience it is looked once more, whether it stays so.
            #expect(report.attempts == (patience == .zero ? 3 : 4))
            #expect(fake.violations == [])
        }
    }

    @Test func withoutPatienceOnlyProvidersAreWaitedFor() async throws {
        try await FakeSourcegraph.with(instance: Self.wait) { fake in
            let report = try await test(fake, patience: .zero) { instance in
                instance.authProviders[2].serviceID = ""
                instance.externalServices[0].lastSyncError = "not yet"
            }
            #expect(!report.isPassed && report.attempts == 1)
            #expect(fake.violations == [])
        }
    }

    @Test func hopelessDifferenceEndsAtOnce() async throws {
        try await FakeSourcegraph.with { fake in
            let report = try await test(fake) { instance in
                instance.externalServices[0].lastSyncError = "may be fixed"
                instance.externalServices.remove(at: 2)
            }
            #expect(!report.isPassed && report.attempts == 1)
            #expect(fake.violations == [])
        }
    }

    @Test func whatIsNeverTwiceTheSameIsTold() async throws {
        try await FakeSourcegraph.with { fake in
            let report = try await test(fake, patience: .milliseconds(300)) { _ in
            } atPause: { pause, instance in
                instance.migrations[1].progress = pause % 2 == 1 ? 0.5 : 1
            }
            #expect(report.isPassed && report.findings.last?.name == "stability")
            #expect(report.findings.last?.verdict == .warn)
        }
    }

    @Test func onlyWhatIsTwiceTheSameIsTheResult() async throws {
        try await FakeSourcegraph.with { fake in
            let report = try await test(fake) { _ in
            } atPause: { pause, instance in
                // Well, not well, well, well.
                instance.externalServices[0].lastSyncError = pause == 1 ? "for a moment" : nil
            }
            #expect(report.isPassed && report.attempts == 4)
            #expect(fake.violations == [])
        }
    }

    /// Jobs and repositories become more with every look at an instance that works.
    @Test func numbersThatGrowAreNoChange() async throws {
        try await FakeSourcegraph.with { fake in
            let report = try await test(fake) { _ in
            } atPause: { pause, instance in
                instance.counts["repositories"] = 412 + pause
                instance.permissionJobs.append(.init(id: 100 + pause, queuedAt: Date(), finishedAt: Date()))
            }
            #expect(report.isPassed && report.attempts == 2)
            #expect(fake.violations == [])
        }
    }

    @Test func onceThePatienceIsOverTheLastResultStands() async throws {
        try await FakeSourcegraph.with { fake in
            let report = try await test(fake, patience: .seconds(2)) {
                $0.externalServices[0].lastSyncError = "look 1"
            } atPause: { pause, instance in
                instance.externalServices[0].lastSyncError = "look \(pause + 1)"
            }
            #expect(!report.isPassed)
            let details = try report.findings.named("code-host-sync").details
            #expect(details == ["GITHUB GitHub: look \(report.attempts)"])
            #expect(fake.violations == [])
        }
    }

    @Test func instanceThatComesUpMeanwhilePasses() async throws {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            fake.fault(.status(502), times: 3)
            var options = SourcegraphClient.Options()
            options.retry.patience = .zero
            let access = SourcegraphAccess(endpoint: fake.url, token: Secret(fake.token))
            let client = try SourcegraphClient(access, options: options, environment: [:])
            var test = TestInstance(client: client, expected: expected)
            (test.patience, test.interval) = (.seconds(3600), .milliseconds(1))
            let report = try await test.run()
            #expect(report.isPassed && report.attempts > 2)
            #expect(fake.violations == [])
        }
    }

    // MARK: Cancelling

    @Test func cancellingWhileItWaitsEndsIt() async throws {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            fake.change { $0.externalServices[0].lastSyncError = "never" }
            let (pauses, continuation) = AsyncStream.makeStream(of: Void.self)
            var test = try fake.test(expected) { event in if case .notice = event { continuation.yield() } }
            (test.patience, test.interval) = (.seconds(3600), .seconds(3600))
            let run = Task { [test] in try await test.run() }
            try await within("a pause") { for await _ in pauses { break } }
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        "Instance", "CodeHosts", "Offered", "SiteAlerts", "PermissionJobs", "SchemaDrift", "GlobalSettings",
    ])
    func cancellingWhileItAsksEndsIt(operation: String) async throws {
        try await FakeSourcegraph.with { fake in
            let expected = try await fake.connected().summary()
            fake.fault(.stall, on: operation)
            let test = try fake.test(expected)
            let run = Task { try await test.run() }
            try await fake.waitUntil { $0.stalled > 0 }
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
            #expect(fake.violations == [])
        }
    }
}
