import FakeSourcegraph
import Foundation
import LoopbackServers
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct SummaryRefusalTests {
    @Test func whatIsRefusedIsNotedAndTheRestCounted() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                instance.fieldErrors = [
                    "Query.insightViews": "code insights are \u{1b}[31mdisabled",
                    "Query.executors": "must be site admin",
                    "Site.externalAccounts": String(repeating: "x", count: 9000),
                ]
            }
            let instance = try #require(try await fake.connected().summary().instance)
            #expect(instance.notCounted["insightViews"] == "code insights are \\u{1b}[31mdisabled")
            #expect(instance.notCounted["executors"] == "must be site admin")
            #expect(instance.notCounted["externalAccounts"]?.count == 200)
            #expect(instance.counts["users"] == 3 && instance.counts["repositories"] == 412)
            #expect(Set(instance.counts.keys).isDisjoint(with: instance.notCounted.keys))
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["Offered", "OfferedCounts"])
    func instanceThatDoesNotDescribeItselfIsSummarizedAllTheSame(operation: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.errors(["introspection is disabled"]), on: operation)
            let summary = try await fake.connected().summary()
            #expect(summary.externalServices.count == 3 && summary.authProviders.count == 2)
            let instance = try #require(summary.instance)
            #expect(instance.counts["users"] == 3 && instance.counts["executors"] == 0)
            #expect(instance.notCounted["notebooks"] == "the instance does not describe its API")
            #expect(fake.violations == [])
        }
    }

    @Test func alertsAreInIt() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.alerts = [.init(type: "WARNING", message: "Warning: <b>hot</b>")] }
            let summary = try await fake.connected().summary()
            #expect(summary.instance?.alerts == ["Warning: <b>hot</b>"])
            #expect(fake.violations == [])
        }
    }

    @Test func refusedAlertsAreNoted() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.fieldErrors["Site.alerts"] = "prometheus: no such host" }
            let instance = try #require(try await fake.connected().summary().instance)
            #expect(instance.alerts == [])
            #expect(instance.notCounted["alerts"] == "prometheus: no such host")
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["Query.externalServices", "Site.authProviders"])
    func withoutWhatIsComparedThereIsNoSummary(field: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.fieldErrors[field] = "database is gone" }
            let instance = try await fake.connected()
            let error = await #expect(throws: MigrationError.self) { try await instance.summary() }
            #expect(error?.details == ["database is gone"])
            #expect(fake.violations == [])
        }
    }

    @Test func listOfWaysToLogInThatIsNotWholeIsRefused() async throws {
        try await FakeSourcegraph.with { fake in
            let nodes = "[{\"serviceType\": \"builtin\", \"serviceID\": \"\"}]"
            let answer = "{\"data\": {\"site\": {\"authProviders\": {\"totalCount\": 2, \"nodes\": \(nodes)}}}}"
            fake.fault(.answer(answer, contentType: "application/json"), on: "AuthProviders")
            let instance = try await fake.connected()
            let error = await #expect(throws: MigrationError.self) { try await instance.summary() }
            #expect(error?.message.contains("1 entries, but its total is 2") == true)
            #expect(fake.violations == [])
        }
    }

    @Test func tokenOfAUserIsRefusedByNameBeforeAnythingIsRead() async throws {
        try await FakeSourcegraph.with { fake in
            let instance = try await SourcegraphInstance(fake.client(token: fake.userToken))
            let error = await #expect(throws: MigrationError.self) { try await instance.summary() }
            #expect(error?.code == .unmetRequirement)
            #expect(error?.message == "The access token belongs to grace, who is not a site admin.")
            #expect(fake.requests.compactMap(\.operation) == ["Instance"])
            #expect(fake.violations == [])
        }
    }

    // MARK: Releases

    @Test(arguments: [
        ("3.20.1", "campaigns"), ("3.25.2", "campaigns"), ("3.26.3", "batchChanges"), ("7.2.1943", "batchChanges"),
    ])
    func batchChangesAreAskedForByTheNameOfTheTime(version: String, name: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            fake.change { ($0.counts["campaigns"], $0.counts["batchChanges"]) = (8, 9) }
            let instance = try #require(try await fake.connected().summary().instance)
            #expect(instance.counts["batchChanges"] == (name == "campaigns" ? 8 : 9))
            #expect(fake.requests.contains { $0.query?.contains("\(name)(first: 1)") == true })
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [("3.33.2", false), ("3.34.2", true)])
    func executorsAreCountedOnceThereAreAny(version: String, isCounted: Bool) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            fake.change { $0.executors = [.init(id: 1, hostname: "one"), .init(id: 2, hostname: "two")] }
            let instance = try #require(try await fake.connected().summary().instance)
            #expect(instance.counts["executors"] == (isCounted ? 2 : nil))
            #expect(instance.notCounted["executors"] == (isCounted ? nil : "Sourcegraph \(version) has none"))
            #expect(fake.violations == [])
        }
    }

    /// The viewer's own in a list; those of one namespace; those of all.
    @Test(arguments: [("4.4.2", Int?.none), ("5.1.8", nil), ("5.5.3956", 2), ("7.2.1943", 2)])
    func savedSearchesAreCountedWhereThoseOfAllAre(version: String, count: Int?) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            let instance = try #require(try await fake.connected().summary().instance)
            #expect(instance.counts["savedSearches"] == count)
            #expect((instance.notCounted["savedSearches"] != nil) == (count == nil))
            #expect(fake.violations == [])
        }
    }

    /// That of all repositories takes a large instance longer than its gateway waits.
    @Test(arguments: [
        FakeSourcegraph.Fault.status(502), .status(504),
        .answer("{\"data\": {\"reposit", contentType: "application/json"),
        .answer("<html>busy</html>"),
    ])
    func countThatIsNeverAnsweredCostsItselfAlone(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            let instance = try await fake.connected()
            let all = try #require(try await instance.summary().instance)
            fake.fault(fault, on: "Count", with: "repositories(", times: .max)
            let summary = try await instance.summary()
            #expect(summary.externalServices.count == 3)
            var expected = all.counts
            expected["repositories"] = nil
            #expect(summary.instance?.counts == expected)
            #expect(summary.instance?.notCounted["repositories"]?.hasPrefix("The number of repositories") == true)
            #expect(fake.violations == [])
        }
    }

    /// The rest is asked for while one is still tried again.
    @Test func countThatIsTriedAgainHoldsNothingElseUp() async throws {
        try await FakeSourcegraph.with { fake in
            let instance = try await SourcegraphInstance(try fake.client(patience: .seconds(600)))
            fake.fault(.status(502), on: "Count", with: "users(", times: .max)
            let summary = Task { try await instance.summary() }
            try await fake.waitUntil { record in
                ["CodeHosts", "AuthProviders", "SiteAlerts", "OfferedCounts"].allSatisfy { name in
                    record.requests(for: name).contains { $0.status == 200 }
                } && record.requests(for: "Count").count { $0.status == 200 } >= 6
            }
            fake.removeFaults()
            #expect(try await summary.value.instance?.counts["users"] == 3)
            #expect(fake.violations == [])
        }
    }

    @Test func instanceThatHasStoppedAnsweringIsNotWaitedForADozenTimes() async throws {
        try await FakeSourcegraph.with { fake in
            let instance = try await fake.connected()
            fake.fault(.stall, on: "Count", times: .max)
            let time = ManualTime()
            let summary = Task { try await time.ruling { try await instance.summary() } }
            try await fake.waitUntil { $0.stalled == 4 }
            time.advance(by: .seconds(120))
            let reasons = try #require(try await summary.value.instance?.notCounted)
            #expect(reasons.values.count { $0.contains("the instance does not respond") } >= 4, "\(reasons)")
            #expect(reasons.values.contains("the instance stopped responding"), "\(reasons)")
            #expect(fake.violations == [])
        }
    }
}
