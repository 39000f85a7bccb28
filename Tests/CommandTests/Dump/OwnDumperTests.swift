import MigrationKit
import NIOCore
import SystemPackage
import TestClusters
import Testing

/// Dumps by a ``DatabaseDumper`` that the library knows nothing of.
@Suite(.inTurn) struct OwnDumperTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// A dump in memory, such as one out of an archive.
    private struct HeldDump: DatabaseDumper {
        let database: Database
        let text: String

        func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value {
            try await body(ByteStream.once(ByteBuffer(string: text)).checkedForTrailer())
        }
    }

    private func flow(_ dumper: any DatabaseDumper) -> DumpDatabases {
        DumpDatabases(dumpers: [dumper], folder: SnapshotFolder(path: workplace.folder.file("src-snapshot")))
    }

    @Test func dumpIsWrittenAsItCame() async throws {
        let text = try await ExampleSnapshot.shared.workplace.folder.text("src-snapshot/codeintel.sql")
        let dumped = try await flow(HeldDump(database: .codeintel, text: text)).run()
        #expect(dumped.map(\.database) == [.codeintel])
        #expect(dumped.first?.bytes == Int64(text.utf8.count))
        #expect(try workplace.folder.text("src-snapshot/codeintel.sql") == text)
        #expect(try workplace.folder.mode("src-snapshot/codeintel.sql") == 0o600)
        let uploaded = try await workplace.snapshot(
            "upload", "-bucket=./bucket", "-file=codeintel.sql", "--without-summary")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
    }

    @Test func fileIsTakenOver() async throws {
        let folder = try await ExampleSnapshot.shared.workplace.folder
        let path = folder.file("src-snapshot/codeintel.sql")
        try await flow(DumpFile(database: .codeintel, path: path)).run()
        #expect(try workplace.folder.bytes("src-snapshot/codeintel.sql") == folder.bytes("src-snapshot/codeintel.sql"))
    }

    @Test func tornDumpLeavesNothing() async throws {
        let text = try await ExampleSnapshot.shared.workplace.folder.text("src-snapshot/codeintel.sql")
        let error = await #expect(throws: MigrationError.self) {
            try await flow(HeldDump(database: .codeintel, text: String(text.dropLast(200)))).run()
        }
        #expect(error?.code == .tornDump)
        #expect(try workplace.folder.list("src-snapshot") == [])
    }
}
