import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// The store fails while a journal is written.
@Suite(.timeLimit(.minutes(30))) struct JournalWritingTests {
    /// A folder that fails when it is told to, before or after it has stored an object.
    private final class FailingStore: ObjectStore {
        enum Failure { case before, after }

        let base: DirectoryStore
        let failure = Mutex<Failure?>(nil)

        init(_ base: DirectoryStore) { self.base = base }

        var location: String { base.location }
        var isWriteOnce: Bool { base.isWriteOnce }

        func create(_ name: String, _ bytes: ByteBuffer) async throws -> Bool {
            let failure = failure.withLock { failure in
                defer { failure = nil }
                return failure
            }
            if failure == .before { throw MigrationError(.failed, "The network is gone.") }
            let isThere = try await base.create(name, bytes)
            if failure == .after { throw MigrationError(.failed, "The network is gone.") }
            return isThere
        }

        func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
            try await base.put(name, upload)
        }
        func get(_ name: String) async throws -> ByteStream { try await base.get(name) }
        func get(_ name: String, range: Range<Int64>) async throws -> ByteStream {
            try await base.get(name, range: range)
        }
        func status(of name: String) async throws -> ObjectStatus? { try await base.status(of: name) }
        func list() async throws -> [String] { try await base.list() }
        func folder(_ name: String) throws -> any ObjectStore { try base.folder(name) }
    }

    private let folder: TestFolder
    private let store: FailingStore

    init() throws {
        folder = try TestFolder()
        store = FailingStore(DirectoryStore(path: folder.file("journal")))
    }

    @Test(arguments: [true, false])
    func entryThatNobodyHasConfirmedIsLookedFor(isStored: Bool) async throws {
        let journal = MigrationJournal(store: store)
        try await journal.append(.began(step: "freeze"))
        store.failure.withLock { $0 = isStored ? .after : .before }
        await #expect(throws: MigrationError.self) { try await journal.append(.began(step: "proxy")) }
        try await journal.append(.began(step: "start"))
        let again = MigrationJournal(store: store)
        try await again.read()
        #expect(
            await again.state.steps.map(\.name) == (isStored ? ["freeze", "proxy", "start"] : ["freeze", "start"]))
        #expect(await again.hash == journal.hash)
    }

    @Test func entryOfSomebodyElseInItsPlaceIsSeen() async throws {
        let journal = MigrationJournal(store: store)
        try await journal.append(.began(step: "freeze"))
        store.failure.withLock { $0 = .before }
        await #expect(throws: MigrationError.self) { try await journal.append(.began(step: "proxy")) }
        var writer = JournalWriter.current()
        writer.run = "another"
        let other = MigrationJournal(store: store, writer: writer)
        try await other.read()
        try await other.append(.began(step: "check"))
        for _ in 1...2 {
            let error = try await #require(throws: MigrationError.self) {
                try await journal.append(.began(step: "start"))
            }
            #expect(error.code == .locked)
        }
    }

    @Test func entriesOfManyTasksFollowEachOther() async throws {
        let journal = MigrationJournal(store: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...50 { group.addTask { try await journal.append(.began(step: .load("\(number)"))) } }
            try await group.waitForAll()
        }
        let again = MigrationJournal(store: store)
        try await again.read()
        #expect(await again.entries.count == 50)
        #expect(Set(await again.state.steps.map(\.name)).count == 50)
    }

    @Test func entryIsWrittenThoughItsTaskIsCancelled() async throws {
        let journal = MigrationJournal(store: store)
        let task = Task {
            try? await Task.sleep(for: .seconds(600))
            try await journal.append(.began(step: "freeze"))
        }
        task.cancel()
        try await task.value
        #expect(await journal.entries.count == 1)
    }
}
