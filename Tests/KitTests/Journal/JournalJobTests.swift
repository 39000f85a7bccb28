import Synchronization
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Jobs on an instance go on when whoever has begun them dies, and are found again.
@Suite struct JournalJobTests {
    private struct Died: Error {}

    private let folder: TestFolder
    private let store: DirectoryStore

    init() throws {
        folder = try TestFolder()
        store = DirectoryStore(path: folder.file("journal"))
    }

    /// A journal as the next run reads it.
    private func reading() async throws -> MigrationJournal {
        let journal = MigrationJournal(store: store)
        try await journal.read()
        return journal
    }

    /// A run of a step with a job that ends so.
    ///
    /// - Returns: The job's name.
    private func run(_ step: JournaledStep = "upgrade", _ end: @escaping @Sendable () throws -> Void) async throws
        -> String?
    {
        let journal = try await reading()
        let used = Mutex<String?>(nil)
        do {
            try await journal.step(step) {
                try await journal.job(.init(step, "1")) { name in
                    used.withLock { $0 = name }
                    try end()
                    return "done"
                }
            }
        } catch is Died {} catch is MigrationError {}
        return used.withLock(\.self)
    }

    @Test func jobIsNotedBeforeItsNameIsUsed() async throws {
        let journal = try await reading()
        try await journal.step("upgrade to 5.2") {
            try await journal.job("upgrade to 5.2/1") { name in
                #expect(await journal.state.operation("upgrade to 5.2/1") == .made(name))
                let noted = try await reading().state.operation("upgrade to 5.2/1")
                #expect(noted == .made(name))
                // It becomes the name of a folder.
                #expect(name.wholeMatch(of: /upgrade-to-----[0-9a-z]+/) != nil, "\(name)")
                return "done"
            }
        }
    }

    @Test func jobOfARunThatDiedIsFoundAgainByTheNext() async throws {
        let first = try #require(try await run { throw Died() })
        #expect(try await run {} == first)
        #expect(try await reading().state.isFinished("upgrade"))
    }

    @Test(arguments: [MigrationError.Code.unreachable, .interrupted])
    func jobWhoseEndNobodyHasSeenIsKept(code: MigrationError.Code) async throws {
        let first = try #require(try await run { throw MigrationError(code, "It goes on there.") })
        #expect(try await reading().state.step("upgrade")?.error == nil)
        #expect(try await run {} == first)
    }

    @Test(arguments: [MigrationError.Code.failed, .cutOff, .upgradeFailed])
    func jobThatHasFailedIsOver(code: MigrationError.Code) async throws {
        let first = try #require(try await run { throw MigrationError(code, "It has failed.") })
        #expect(try await reading().state.step("upgrade")?.error == "It has failed.")
        let second = try #require(try await run {})
        #expect(second != first)
    }

    @Test func jobThatIsDoneIsDoneAnewInTheSameRun() async throws {
        let journal = try await reading()
        try await journal.append(.began(step: "upgrade"))
        let first = try await journal.job("upgrade/1") { $0 }
        #expect(try await journal.job("upgrade/1") { $0 } != first)
        #expect(try await journal.job("upgrade/2") { $0 } != first)
    }

    @Test func jobOfAStepThatIsUndoneIsForgotten() async throws {
        let first = try #require(try await run { throw Died() })
        try await reading().append(.undone(steps: ["upgrade"], reason: "the databases were restored"))
        let second = try #require(try await run {})
        #expect(second != first)
    }
}
