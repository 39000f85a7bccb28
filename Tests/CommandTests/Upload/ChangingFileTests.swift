import MigrationKit
import NIOCore
import SystemPackage
import TestClusters
import Testing

/// A dump that somebody writes to while it is uploaded.
@Suite(.inTurn) struct ChangingFileTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// A folder as a bucket, and somebody who does something when the first chunk has come.
    private struct HookedStore: ObjectStore {
        let base: DirectoryStore
        let afterFirstChunk: @Sendable () throws -> Void

        var location: String { base.location }

        var isWriteOnce: Bool { base.isWriteOnce }

        func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
            let iterator = upload.stream.makeAsyncIterator()
            let first = try await iterator.next()
            try afterFirstChunk()
            let rest = Rest(first: first)
            return try await base.put(
                name, ByteStream { if let first = await rest.take() { first } else { try await iterator.next() } })
        }

        private actor Rest {
            private var first: ByteBuffer?
            init(first: ByteBuffer?) { self.first = first }
            func take() -> ByteBuffer? {
                defer { first = nil }
                return first
            }
        }

        func get(_ name: String) async throws -> ByteStream { try await base.get(name) }
        func get(_ name: String, range: Range<Int64>) async throws -> ByteStream {
            try await base.get(name, range: range)
        }
        func status(of name: String) async throws -> ObjectStatus? { try await base.status(of: name) }
        func list() async throws -> [String] { try await base.list() }
        func create(_ name: String, _ bytes: ByteBuffer) async throws -> Bool { try await base.create(name, bytes) }
        func folder(_ name: String) throws -> any ObjectStore { try base.folder(name) }
    }

    private static let changes = ["appended to", "cut", "replaced", "overwritten"]

    @Test(arguments: changes)
    func fileThatChangesIsNotUploaded(change: String) async throws {
        let text = try await BigDump.text
        let name = "src-snapshot/codeintel.sql"
        try workplace.folder.write(name, text)
        let store = HookedStore(base: workplace.store) {
            switch change {
            case "appended to": try workplace.folder.write(name, text + "\n")
            case "cut": try workplace.folder.write(name, String(text.prefix(text.count / 2)))
            case "replaced":
                try workplace.folder.write("other", text)
                try workplace.folder.remove(name)
                try workplace.folder.copy(workplace.folder.file("other"), to: name)
            default: try workplace.folder.write(name, text)
            }
        }
        let error = try await #require(throws: MigrationError.self) {
            _ = try await UploadSnapshot(
                folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")), store: store,
                databases: [.codeintel], includesSummary: false
            ).run()
        }
        #expect(error.code == .damagedSnapshot || error.code == .tornDump)
        #expect(error.message.contains("changed while it was being read") || error.code == .tornDump, "\(error)")
        #expect(try workplace.folder.list("bucket") == [])
    }
}
