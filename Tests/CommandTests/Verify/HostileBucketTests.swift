import Foundation
import MigrationKit
import NIOCore
import Synchronization
import TestClusters
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
            let status = try await workplace.store.put(database.dumpName, stream)
            var checksum = StreamChecksum()
            Array(hostile.utf8).withUnsafeBytes { checksum.update($0) }
            let crc = withUnsafeBytes(of: try #require(status.crc32c).bigEndian) { Data($0).base64EncodedString() }
            try workplace.changeManifest { manifest in
                manifest.databases[0].parts[0].object.size = status.size
                manifest.databases[0].parts[0].object.crc32c = crc
                manifest.databases[0].parts[0].object.sha256 = checksum.sha256
            }

            let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
            #expect(verified.exit == 4)
            #expect(verified.errors.contains("that cannot be imported"), "\(verified.errors)")
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 4)
            #expect(imported.errors.contains("that cannot be imported"), "\(imported.errors)")
            #expect(!workplace.folder.exists("pwned"))
        }
    }
}
