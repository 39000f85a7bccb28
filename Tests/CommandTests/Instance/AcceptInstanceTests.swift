import FakeSourcegraph
import Foundation
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// The steps of a run behind the start, with their journal.
@Suite(.timeLimit(.minutes(30))) struct AcceptInstanceTests {
    private func acceptance(
        _ fake: FakeSourcegraph, _ told: Told, _ journal: MigrationJournal, _ instance: StandingInstance = .init()
    ) throws -> AcceptInstance {
        let client = try fake.client()
        var flow = AcceptInstance(instance: instance, journal: journal, client: { client }, onEvent: { told.take($0) })
        (flow.externalURL, flow.adminEmail) = (FakeSourcegraph.newAddress, "alice@example.com")
        flow.onSecret = { told.take($0) }
        flow.patience = .milliseconds(100)
        return flow
    }

    @Test func journalHoldsNoLink() async throws {
        try await FakeSourcegraph.with { fake in
            let (told, journal) = (Told(), MigrationJournal(store: nil))
            try await acceptance(fake, told, journal).initialize()
            let all = try await journal.entries.map { try JSONText.encode($0) }.joined()
            #expect(all.contains("alice was created for alice@example.com") && !all.contains(FakeResolver.secret))
            #expect(told.links.count == 1)
            #expect(fake.violations == [])
        }
    }

    /// A run that was killed before it could show the link: the next one gets another.
    @Test(arguments: [FakeSourcegraph.Fault.lostAnswer, .reset, .tornAnswer(afterBytes: 20)])
    func linkThatGotLostIsMadeAnew(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(fault, on: "CreateUser")
            let (told, journal) = (Told(), MigrationJournal(store: nil))
            let flow = try acceptance(fake, told, journal)
            let error = await #expect(throws: MigrationError.self) { try await flow.initialize() }
            #expect(error?.message.contains("not known whether the change was made") == true && told.links == [])
            try await flow.initialize()
            #expect(told.links.count == 1 && fake.instance.users.count == 4)
            #expect(fake.instance.users.last?.siteAdmin == true)
            #expect(await journal.state.isFinished("initialize"))
            #expect(fake.violations == [])
        }
    }

    /// A link that was shown stays good, whatever stops the run then.
    @Test(arguments: [FakeSourcegraph.Fault.lostAnswer, .reset])
    func linkThatWasShownIsNotMadeAnew(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(fault, on: "SetSiteAdmin")
            let (told, journal) = (Told(), MigrationJournal(store: nil))
            let flow = try acceptance(fake, told, journal)
            await #expect(throws: MigrationError.self) { try await flow.initialize() }
            try await flow.initialize()
            #expect(told.links.count == 1 && fake.requests(for: "ResetPassword").isEmpty)
            #expect(fake.instance.users.last?.siteAdmin == true)
            #expect(fake.violations == [])
        }
    }

    /// Standard output is a full disk: nobody has seen the link.
    @Test func linkThatCouldNotBeShownIsMadeAnew() async throws {
        try await FakeSourcegraph.with { fake in
            let (told, journal) = (Told(), MigrationJournal(store: nil))
            var flow = try acceptance(fake, told, journal)
            flow.onSecret = { _ in throw MigrationError(.failed, "Cannot write to standard output.") }
            let error = await #expect(throws: MigrationError.self) { try await flow.initialize() }
            #expect(error?.message.contains("Cannot write to standard output.") == true)
            #expect(await !journal.state.isFinished("initialize"))
            flow.onSecret = { told.take($0) }
            try await flow.initialize()
            #expect(told.links.count == 1 && fake.requests(for: "ResetPassword").count == 1)
            #expect(fake.violations == [])
        }
    }

    // MARK: Check

    @Test func frontendOfTheReleasePasses() async throws {
        try await FakeSourcegraph.with { fake in
            let journal = MigrationJournal(store: nil)
            try await acceptance(fake, Told(), journal).check()
            let findings: [Finding]? = try await journal.record(of: "check")
            #expect(findings?.map(\.name) == ["frontend", "executors"])
            #expect(findings?.allSatisfy { $0.verdict == .pass } == true)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["5.2.0", "5.1.9"]) func frontendOfAnotherReleaseFails(release: String) async throws {
        try await FakeSourcegraph.with { fake in
            let journal = MigrationJournal(store: nil)
            let flow = try acceptance(fake, Told(), journal, StandingInstance(release: release))
            let error = await #expect(throws: MigrationError.self) { try await flow.check() }
            #expect(error?.code == .acceptanceFailed)
            #expect(error?.details.first?.contains("5.1.8, but it is configured for \(release)") == true)
            #expect(fake.requests(for: "Executors").isEmpty)
        }
    }

    @Test(arguments: [nil, "insiders"]) func releaseThatCannotBeToldIsAWarning(release: String?) async throws {
        try await FakeSourcegraph.with { fake in
            let (told, journal) = (Told(), MigrationJournal(store: nil))
            try await acceptance(fake, told, journal, StandingInstance(release: release)).check()
            #expect(told.text.contains("is configured for is unknown"))
        }
    }

    @Test func frontendThatIsRestartingIsLookedAtAgain() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.answer("<html>starting</html>"), on: "Instance", times: 1)
            var flow = try acceptance(fake, Told(), MigrationJournal(store: nil))
            flow.patience = .seconds(600)
            try await flow.check()
            #expect(fake.violations == [])
        }
    }

    // MARK: mi

    @Test func whatMiPrintsIsForTheOperatorAlone() async throws {
        let folder = try ScratchFolder(in: FilePath(FileManager.default.temporaryDirectory.path))
        let script = "#!/bin/sh\n[ \"$*\" = '--customer acme init-instance alice@example.com' ] || exit 2\n"
        for (ending, status) in [("", 0), ("echo broken >&2; exit 3", 3)] {
            try folder.write("mi", script + "echo https://x/reset?code=s3cr3t\n\(ending)\n", mode: 0o755)
            let told = Told()
            var mi = MiCommand(customer: "acme")
            mi.program = folder.path.appending("mi").string
            do {
                let result = try await mi.initialize("alice@example.com") { told.take($0) }
                #expect(status == 0 && !result.contains("s3cr3t"))
            } catch let error as MigrationError {
                #expect(status == 3 && error.details == ["broken"] && !error.description.contains("s3cr3t"))
            }
            #expect(told.links == ["https://x/reset?code=s3cr3t\n"])
        }
    }
}
