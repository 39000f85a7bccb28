import FakeSourcegraph
import Foundation
import Synchronization
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

/// Executors have to register, and their machines are as many as before.
@Suite(.timeLimit(.minutes(30))) struct ExecutorCheckTests {
    private static let token = """
        { "executors.accessToken": "site-config-secret" }
        """

    private func check(_ fake: FakeSourcegraph, _ place: ExecutorPlace? = nil) async throws -> ExecutorCheck {
        var check = ExecutorCheck(instance: try await fake.connected(), group: place?.group, onEvent: { _ in })
        (check.patience, check.pause) = (.milliseconds(200), .milliseconds(10))
        return check
    }

    /// As if a machine had started: an executor registers behind the second look.
    private func registering<Value>(
        _ fake: FakeSourcegraph, _ place: ExecutorPlace, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let machine = Task {
            try await fake.waitUntil { $0.requests(for: "Executors").count > 1 }
            guard try place.size > 0 else { return }
            fake.change {
                $0.executors = [FakeInstance.Executor(id: 1, hostname: "executor-1", lastSeenAt: .distantFuture)]
            }
        }
        defer { machine.cancel() }
        return try await body()
    }

    // MARK: Without a group

    @Test(arguments: ["3.33.2", "3.34.2", "4.1.3", "5.1.8", "7.2.1943"])
    func withoutExecutorsAllIsWell(version: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            let finding = try await check(fake).finding()
            #expect(finding.verdict == .pass)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["3.34.2", "5.1.8"]) func registeredExecutorsPass(version: String) async throws {
        try await FakeSourcegraph.with(version: version) { fake in
            fake.change {
                $0.executors = [FakeInstance.Executor(id: 1, hostname: "executor-1", lastSeenAt: .distantFuture)]
            }
            let finding = try await check(fake).finding()
            #expect(finding.verdict == .pass && finding.details[0].contains("executor-1"))
            #expect(fake.violations == [])
        }
    }

    @Test func outdatedExecutorsAreAWarning() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change {
                $0.executors = [
                    FakeInstance.Executor(id: 1, hostname: "old", lastSeenAt: .distantFuture, compatibility: "OUTDATED")
                ]
            }
            let finding = try await check(fake).finding()
            #expect(finding.verdict == .warn && finding.reason.contains("older release"))
        }
    }

    @Test(arguments: [true, false]) func executorsThatAreSetUpAndAbsentAreAWarning(isConfigured: Bool) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                if isConfigured {
                    instance.siteConfiguration.contents = Self.token
                    return
                }
                let then = Date(timeIntervalSince1970: 1_680_000_000)
                instance.executors = [FakeInstance.Executor(id: 1, hostname: "theirs", lastSeenAt: then)]
            }
            let finding = try await check(fake).finding()
            #expect(finding.verdict == .warn && finding.reason.contains("cannot be tested"))
            #expect(finding.remedy?.contains("--executors=gcloud://") == true)
            #expect(fake.violations == [])
        }
    }

    // MARK: With a group

    @Test(arguments: ["ON", "OFF", ""]) func groupHasAMachineForAsLongAsTheTest(mode: String) async throws {
        let place = try ExecutorPlace(mode: mode)
        try await FakeSourcegraph.with { fake in
            var check = try await check(fake, place)
            check.patience = .seconds(600)
            let noted = Mutex<[String]>([])
            check.willChange = { scale in noted.withLock { $0.append(scale.journaled) } }
            let finding = try await registering(fake, place) { [check] in try await check.finding() }
            #expect(finding.verdict == .pass, "\(finding.reason) \(finding.details)")
            let set = mode == "ON" ? "update-autoscaling --min-num-replicas" : "resize --size"
            #expect(try place.calls == ["describe --format=json", "\(set)=1 --quiet", "\(set)=0 --quiet"])
            #expect(try place.size == 0)
            #expect(noted.withLock(\.self) == [mode == "ON" ? "min-0-max-2" : "size-0"])
            #expect(fake.violations == [])
        }
    }

    @Test func groupThatHasMachinesIsLeftAlone() async throws {
        let place = try ExecutorPlace(size: 2)
        try await FakeSourcegraph.with { fake in
            fake.change {
                $0.executors = [FakeInstance.Executor(id: 1, hostname: "executor-1", lastSeenAt: .distantFuture)]
            }
            let finding = try await check(fake, place).finding()
            #expect(finding.verdict == .pass)
            #expect(try place.calls == ["describe --format=json"])
        }
    }

    @Test func executorThatDoesNotRegisterFails() async throws {
        let place = try ExecutorPlace()
        try await FakeSourcegraph.with { fake in
            let finding = try await check(fake, place).finding()
            #expect(finding.verdict == .fail && finding.reason.contains("no executor registered"))
            #expect(finding.details == ["The site configuration has no `executors.accessToken`."])
            #expect(try place.size == 0)
        }
    }

    @Test func groupThatMayHaveNoMachinesFails() async throws {
        let place = try ExecutorPlace(limit: 0)
        try await FakeSourcegraph.with { fake in
            let finding = try await check(fake, place).finding()
            #expect(finding.verdict == .fail && finding.reason.contains("allows no machines"))
            #expect(try place.calls.count == 1)
        }
    }

    @Test func interruptedTestGivesTheMachineBack() async throws {
        let place = try ExecutorPlace()
        try await FakeSourcegraph.with { fake in
            var check = try await check(fake, place)
            (check.patience, check.pause) = (.seconds(600), .seconds(600))
            let run = Task { [check] in try await check.finding() }
            try await fake.waitUntil { !$0.requests(for: "Executors").isEmpty }
            #expect(try place.size == 1)
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
            #expect(try place.size == 0)
        }
    }

    @Test(arguments: ["describe", "update-autoscaling 1"]) func groupThatMayNotBeChangedFails(fault: String)
        async throws
    {
        let place = try ExecutorPlace()
        try place.fail(fault)
        try await FakeSourcegraph.with { fake in
            let finding = try await check(fake, place).finding()
            #expect(finding.verdict == .fail && finding.details == ["ERROR: (gcloud) HTTPError 403: permission denied"])
            #expect(finding.remedy?.contains("compute instance-groups managed") == true)
            #expect(try place.size == 0)
        }
    }

    @Test func machineThatCannotBeGivenBackIsTold() async throws {
        let place = try ExecutorPlace()
        try place.fail("update-autoscaling 2")
        try await FakeSourcegraph.with { fake in
            let finding = try await check(fake, place).finding()
            #expect(finding.verdict == .fail && finding.reason.contains("may still have a machine"))
            #expect(finding.remedy?.contains("--min-num-replicas=0") == true)
        }
    }

    /// What a run that was killed has noted counts: the group is not left as the test had it.
    @Test func machineOfAKilledRunIsGivenBack() async throws {
        let place = try ExecutorPlace(size: 1)
        try await FakeSourcegraph.with { fake in
            fake.change {
                $0.executors = [FakeInstance.Executor(id: 1, hostname: "executor-1", lastSeenAt: .distantFuture)]
            }
            var check = try await check(fake, place)
            check.before = ExecutorGroup.Scale(journaled: "min-0-max-2")
            #expect(try await check.finding().verdict == .pass)
            #expect(try place.size == 0)
        }
    }
}
