import MigrationKit
import NIOCore
import Synchronization
import Testing

/// A bucket whose manifest agrees with its dumps, and whose dumps somebody has made to run programs at the operator's.
@Suite(.inTurn) struct HostileBucketTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    @Test(arguments: [
        "\\! touch pwned", "SELECT 1 \\! touch pwned\n;", "SELECT E'a'\n'\\' \\! touch pwned\n';",
        "SET standard_conforming_strings = 0;", "COPY people (id) FROM stdin; \\! touch pwned\n\\.",
    ])
    func neitherVerifyNorImportBelievesIt(text: String) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let dump = try workplace.folder.text("bucket/\(database.dumpName)")
            let hostile = dump.replacing("\n\n", with: "\n\n\(text)\n\n", maxReplacements: 2)
            let rest = Mutex<ByteBuffer?>(ByteBuffer(string: hostile))
            let stream = ByteStream { rest.withLock { rest in rest.take() } }
            let object = try await workplace.store.put(database.dumpName, stream)
            try workplace.changeManifest { $0.databases[0].object = object }

            let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
            #expect(verified.exit == 1)
            #expect(verified.errors.contains("that cannot be imported"), "\(verified.errors)")
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 1)
            #expect(imported.errors.contains("that cannot be imported"), "\(imported.errors)")
            #expect(!workplace.folder.exists("pwned"))
        }
    }
}
