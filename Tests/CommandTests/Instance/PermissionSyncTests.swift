import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct PermissionSyncTests {
    private func finding(
        version: String = "5.1.8", since: Duration = .seconds(3600), failing: Int = 0,
        _ change: (inout FakeInstance.PermissionJob) -> Void
    ) async throws -> Finding {
        try await FakeSourcegraph.with(version: version) { fake in
            let expected = try await fake.connected().summary()
            fake.withState { state in
                state.instance.permissionStats["usersWithLatestJobFailing"] = failing
                change(&state.instance.permissionJobs[1])
            }
            var test = try fake.test(expected)
            test.since = since
            let finding = try await test.run().findings.named("permission-sync")
            #expect(fake.violations == [])
            return finding
        }
    }

    private func fail(_ job: inout FakeInstance.PermissionJob, as state: String = "ERRORED") {
        (job.state, job.failureMessage) = (state, "repo not found")
        job.codeHosts = [.init(id: "https://github.com/", type: "github", status: "ERROR", message: "403")]
    }

    @Test(arguments: ["ERRORED", "FAILED"], ["5.0.6", "5.1.8", "7.2.1943"])
    func failedJobFails(state: String, version: String) async throws {
        let finding = try await finding(version: version, failing: 1) { fail(&$0, as: state) }
        #expect(finding.verdict == .fail && finding.mayClear)
        #expect(finding.reason == "1 of 5 permission-sync jobs failed.")
        #expect(finding.details.first?.hasSuffix(": repo not found; https://github.com/: 403") == true)
    }

    @Test func jobThatWasMadeGoodSinceFailsNothing() async throws {
        let finding = try await finding { fail(&$0) }
        #expect(finding.verdict == .pass)
        #expect(finding.reason == "5 permission-sync jobs ran; 1 failed, and later ones succeeded.")
    }

    @Test(arguments: ["CANCELED", "PROCESSING", "QUEUED"]) func otherStatesAreNoFailure(state: String) async throws {
        let finding = try await finding(failing: 0) { $0.state = state }
        #expect(finding.verdict == .pass)
    }

    /// The jobs of the fixture have ended some 25 minutes ago.
    @Test func failureOfLongAgoDoesNotCount() async throws {
        let old = try await finding(since: .seconds(60), failing: 1) { fail(&$0) }
        #expect(old.verdict == .warn && old.reason.contains("failed, before --since"))
        let over = try await finding(version: "5.0.6", since: .seconds(60)) { fail(&$0) }
        #expect(over.verdict == .pass && over.reason == "0 permission-sync jobs ran.")
    }

    @Test func codeHostThatGivesNothingIsToLookAt() async throws {
        let finding = try await finding { job in
            job.isPartial = true
            job.codeHosts.append(.init(id: "https://gitlab.com/", type: "gitlab", status: "ERROR", message: "502"))
        }
        #expect(finding.verdict == .warn && finding.mayClear)
        #expect(finding.reason == "Some code hosts did not return permissions, in 1 jobs.")
        #expect(finding.details.first?.hasSuffix(": https://gitlab.com/: 502") == true)
    }

    @Test func moreFailuresThanThereAreNumbersAreToLookAt() async throws {
        try await FakeSourcegraph.with { fake in
            let stats = "{\"usersWithLatestJobFailing\": \(Int.max), \"reposWithLatestJobFailing\": 1}"
            let answer = "{\"data\": {\"permissionsSyncingStats\": \(stats)}}"
            fake.fault(.answer(answer, contentType: "application/json"), on: "PermissionStats")
            let finding = try await PermissionSync(try await fake.connected(), since: .distantPast).finding()
            #expect(finding.verdict == .warn)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["4.2.1", "4.5.1"]) func olderFormIsRead(version: String) async throws {
        let failed = try await finding(version: version) { fail(&$0) }
        #expect(failed.verdict == .fail && failed.reason == "1 of 5 permission-sync jobs failed.")
        #expect(failed.details.first?.contains("repo not found; https://github.com/: 403") == true)
        let old = try await finding(version: version, since: .seconds(60)) { fail(&$0) }
        #expect(old.verdict == .pass)
    }

    @Test(arguments: ["2030-05-01T10:00:00+02:00", "2030-05-01T10:00:00.123456Z", "yesterday"])
    func failureCountsHoweverItsTimeIsWritten(time: String) async throws {
        try await FakeSourcegraph.with { fake in
            let answer = """
                {"data": {"page": {"totalCount": 1, "nodes": [{"state": "FAILED", "finishedAt": "\(time)"}]}}}
                """
            fake.fault(.answer(answer, contentType: "application/json"), on: "PermissionJobs")
            fake.change { $0.permissionStats["usersWithLatestJobFailing"] = 1 }
            let finding = try await PermissionSync(try await fake.connected(), since: Date()).finding()
            #expect(finding.verdict == .fail)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["2020-05-01T10:00:00+02:00", "2020-05-01T10:00:00.123456Z", "2020-05-01T10:00:00Z"])
    func oldFailureDoesNotHoweverItsTimeIsWritten(time: String) async throws {
        try await FakeSourcegraph.with { fake in
            let answer = """
                {"data": {"page": {"totalCount": 1, "nodes": [{"state": "FAILED", "finishedAt": "\(time)"}]}}}
                """
            fake.fault(.answer(answer, contentType: "application/json"), on: "PermissionJobs")
            let finding = try await PermissionSync(try await fake.connected(), since: Date()).finding()
            #expect(finding.verdict == .pass)
            #expect(fake.violations == [])
        }
    }
}
