import FakeSourcegraph
import Foundation
import Synchronization
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct PagingTests {
    @Test func fiveThousandCodeHostsAreReadInFiftyPages() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(5000) }
            let summary = try await fake.connected().summary()
            #expect(
                summary.externalServices.map(\.id)
                    == (1...5000).reversed().map { FakeResolver.id("ExternalService", $0) })
            #expect(summary.instance?.codeHosts == ["GITHUB": 5000])
            #expect(fake.requests(for: "CodeHosts").count == 50)
            #expect(fake.violations == [])
        }
    }

    @Test func everyThousandthCodeHostIsTold() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(2050) }
            let told = Mutex<[String]>([])
            _ = try await fake.connected().externalServices { event in
                if case .notice(let notice) = event { told.withLock { $0.append(notice.text) } }
            }
            #expect(told.withLock { $0 } == ["1,000 of 2,050 code hosts.", "2,000 of 2,050 code hosts."])
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [0, 1, 99, 100, 101]) func numberOfPagesIsThatOfTheHosts(count: Int) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { if count > 0 { $0.setCodeHosts(count) } else { $0.externalServices = [] } }
            let instance = try await fake.connected()
            #expect(try await instance.externalServices { _ in }.count == count)
            #expect(fake.requests(for: "CodeHosts").count == max(1, (count + 99) / 100))
            #expect(fake.violations == [])
        }
    }

    @Test func ofManyBrokenCodeHostsTheFirstTwentyAreKept() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(250) }
            let finding = try await fake.findings { instance in
                for index in instance.externalServices.indices { instance.externalServices[index].lastSyncError = "no" }
            }.named("code-host-sync")
            #expect(finding.reason == "250 of 250 code hosts failed to sync.")
            #expect(finding.details.count == 21)
            #expect(finding.details.first == "GITHUB GitHub 250: no")
            #expect(finding.details.last == "… and 230 more")
            #expect(fake.violations == [])
        }
    }

    // MARK: Jobs

    private func jobs(
        _ count: Int, _ change: (inout FakeInstance.PermissionJob) -> Void = { _ in }
    ) -> [FakeInstance.PermissionJob] {
        (1...count).map { id in
            var job = FakeInstance.PermissionJob(id: id, queuedAt: Date(timeIntervalSinceNow: -900))
            job.finishedAt = Date(timeIntervalSinceNow: -600)
            change(&job)
            return job
        }
    }

    @Test func fiveHundredJobsAreReadInFivePages() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.permissionJobs = jobs(500) }
            let finding = try await fake.findings().named("permission-sync")
            #expect(finding.verdict == .pass)
            #expect(finding.reason == "500 permission-sync jobs ran.")
            #expect(fake.requests(for: "PermissionJobs").count == 5)
            #expect(fake.violations == [])
        }
    }

    /// A first page of nothing but waiting jobs says nothing of what is behind it, nor does every other one.
    @Test func waitingJobsDoNotHideThoseThatAreOver() async throws {
        let mixed = jobs(500) { job in
            if job.id > 350 || job.id.isMultiple(of: 2) { (job.state, job.finishedAt) = ("QUEUED", nil) }
            if job.id == 1 { (job.state, job.failureMessage) = ("ERRORED", "the last of all") }
        }
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                instance.permissionJobs = mixed
                instance.permissionStats["usersWithLatestJobFailing"] = 1
            }
            let finding = try await fake.findings().named("permission-sync")
            #expect(finding.verdict == .fail)
            #expect(finding.reason == "1 of 175 permission-sync jobs failed.")
            #expect(finding.details.first?.hasSuffix(": the last of all") == true)
            #expect(fake.requests(for: "PermissionJobs").count == 5)
            #expect(fake.violations == [])
        }
    }

    @Test func readingEndsBehindThePageOfOldJobs() async throws {
        let old = jobs(500) { if $0.id <= 350 { $0.finishedAt = Date(timeIntervalSinceNow: -7200) } }
        try await FakeSourcegraph.with { fake in
            fake.change { $0.permissionJobs = old }
            let finding = try await fake.findings().named("permission-sync")
            #expect(finding.reason == "150 permission-sync jobs ran.")
            #expect(fake.requests(for: "PermissionJobs").count == 3)
            #expect(fake.violations == [])
        }
    }

    @Test func ofManyFailedJobsTheFirstTwentyAreKept() async throws {
        let failed = jobs(300) { ($0.state, $0.failureMessage) = ("FAILED", String(repeating: "long ", count: 1000)) }
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                instance.permissionJobs = failed
                instance.permissionStats["reposWithLatestJobFailing"] = 300
            }
            let finding = try await fake.findings().named("permission-sync")
            #expect(finding.reason == "300 of 300 permission-sync jobs failed.")
            #expect(finding.details.count == 21 && finding.details.allSatisfy { $0.count <= 400 })
            #expect(finding.details.last == "… and 280 more")
            #expect(fake.violations == [])
        }
    }
}
