import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What is found of an instance's health, and what is made of it.
@Suite(.timeLimit(.minutes(30))) struct HealthTests {
    private func finding(
        _ name: String, version: String = "5.1.8", _ change: @escaping @Sendable (inout FakeInstance) -> Void
    ) async throws -> Finding {
        try await FakeSourcegraph.with(version: version) { fake in
            let finding = try await fake.findings(after: change).named(name)
            #expect(fake.violations == [])
            return finding
        }
    }

    // MARK: Alerts

    @Test(arguments: [
        ("INFO", "An update is available: v9", String?("update-available-9"), Finding.Verdict.pass),
        ("WARNING", "Warning: Sourcegraph cannot send emails!", "email-sending", .warn),
        ("ERROR", "1 critical alert across 1 service currently firing", nil, .fail),
        ("ERROR", "The Sourcegraph license key is invalid.", nil, .fail),
        ("ERROR", "nobody knows", "a-key", .fail), ("WARNING", "nobody knows", "a-key", .warn),
    ])
    func alertIsGraded(type: String, message: String, key: String?, verdict: Finding.Verdict) async throws {
        let finding = try await finding("alerts") { instance in
            instance.alerts = [.init(type: "INFO", message: "hello"), .init(type: type, message: message, key: key)]
        }
        #expect(finding.verdict == verdict)
        #expect(finding.details.count == 2 && finding.details.contains { $0.contains(message) })
        #expect(finding.mayClear == (verdict != .pass))
    }

    @Test func alertThatWasThereBeforeFailsNothing() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.alerts = [.init(type: "ERROR", message: "disk is old")] }
            let finding = try await fake.findings().named("alerts")
            #expect(finding.verdict == .warn && finding.details[0].contains("it existed before"))
            #expect(fake.violations == [])
        }
    }

    // MARK: The site

    @Test func messagesOfTheSiteConfigurationAreToLookAt() async throws {
        let finding = try await finding("site-configuration") {
            $0.siteConfiguration.validationMessages = ["(root): externalURL is \u{7}required", "b"]
        }
        #expect(finding.verdict == .warn && !finding.mayClear)
        #expect(finding.details == ["(root): externalURL is \\u{7}required", "b"])
    }

    @Test func noticeThatCameWithTheDatabasesIsToLookAt() async throws {
        let finding = try await finding("notice") {
            $0.setSettings("{\"notices\": [{\"message\": \"\(SiteNotice.migrationMessage)\", \"location\": \"top\"}]}")
        }
        #expect(finding.verdict == .warn && finding.remedy?.contains("mi-migrate notice remove") == true)
    }

    @Test func unfinishedMigrationsAreAWarningThatMayPass() async throws {
        let finding = try await finding("out-of-band-migrations") { instance in
            instance.migrations[0].progress = 0.637
            instance.migrations[0].errors = ["relation is missing"]
            instance.migrations[1].applyReverse = true
        }
        #expect(finding.verdict == .warn && finding.mayClear)
        #expect(
            finding.details == [
                "Backfill data version (deprecated 4.0.0): 63%; relation is missing",
                "Move insights out of settings (deprecated never): 100%",
            ])
    }

    @Test(arguments: [(1e308, true), (-1e308, false)])
    func impossibleProgressEndsNothing(progress: Double, goesBack: Bool) async throws {
        let finding = try await finding("out-of-band-migrations") { instance in
            (instance.migrations[0].progress, instance.migrations[0].applyReverse) = (progress, goesBack)
        }
        #expect(finding.verdict == .warn && finding.details.first?.hasSuffix(goesBack ? "100%" : "0%") == true)
    }

    @Test func driftIsToLookAt() async throws {
        let finding = try await finding("schema-drift") {
            $0.schemaDrift = [.init(name: "repo", problem: "Missing index", solution: "create it")]
        }
        #expect(finding.verdict == .warn && finding.details == ["repo: Missing index"])
    }

    @Test func driftThatCannotBeToldIsToLookAt() async throws {
        let finding = try await finding("schema-drift") {
            $0.fieldErrors["UpgradeReadiness.schemaDrift"] = "cannot reach github.com"
        }
        #expect(finding.verdict == .warn && finding.details == ["cannot reach github.com"])
    }

    @Test(arguments: ["3.24.1", "5.0.6"]) func whatTheReleaseDoesNotTellIsNotAskedFor(version: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            let names = try await fake.findings().map(\.name)
            #expect(names.contains("out-of-band-migrations") == (version == "5.0.6"))
            #expect(!names.contains("schema-drift"))
            #expect(fake.violations == [])
        }
    }

    // MARK: Code hosts

    @Test func failedSyncFailsAndMayPassLater() async throws {
        let finding = try await finding("code-host-sync") {
            $0.externalServices[1].lastSyncError = "401 Bad\ncredentials"
        }
        #expect(finding.verdict == .fail && finding.mayClear)
        #expect(finding.details == ["GITLAB GitLab: 401 Bad\\u{a}credentials"])
    }

    @Test func codeHostThatWasNeverSynchronisedIsToLookAt() async throws {
        let finding = try await finding("code-host-sync") { $0.externalServices[1].lastSyncAt = nil }
        #expect(finding.verdict == .warn && finding.mayClear)
        #expect(finding.reason == "1 of 3 code hosts have not synced on the new instance yet.")
    }

    @Test func synchronisationOfItsPredecessorDoesNotCount() async throws {
        let finding = try await finding("code-host-sync") {
            $0.externalServices[1].lastSyncAt = Date(timeIntervalSinceNow: -3600)
        }
        #expect(finding.verdict == .warn && finding.mayClear)
        #expect(finding.reason.hasPrefix("1 of 3 code hosts have not synced"))
    }

    @Test func releaseThatTellsNoTimesIsNotBlamedForIt() async throws {
        let finding = try await finding("code-host-sync", version: "3.24.1") { instance in
            for index in instance.externalServices.indices { instance.externalServices[index].lastSyncAt = nil }
        }
        #expect(finding.verdict == .pass)
    }
}
