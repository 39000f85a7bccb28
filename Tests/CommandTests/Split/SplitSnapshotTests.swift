import Foundation
import MigrationKit
import TestClusters
import Testing

/// A snapshot that was split is verified and imported as any other.
@Suite(.inTurn) struct SplitSnapshotTests {
    let workplace: Workplace
    let loader: PartLoader

    init() async throws {
        workplace = try await Workplace()
        loader = PartLoader(workplace: workplace)
    }

    private func isRefused(_ sentence: String) async throws {
        let refused = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(refused.exit == 4 && refused.errors.contains(sentence), "\(refused.errors)")
    }

    @Test(arguments: [false, true])
    func splitSnapshotIsVerifiedAndImported(compresses: Bool) async throws {
        try await TargetDatabases.withOne { database in
            let entry = try await loader.upload(BigDump.text, as: database, size: 300_000, compresses: compresses)
            #expect(entry.parts.count > 10)
            let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
            #expect(verified.exit == 0, "\(verified.errors)")
            #expect(verified.errors.contains("\(database.dumpName) in \(entry.parts.count) parts: 20,100 rows"))
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped."))
            let own = "SELECT count(*) FROM pg_namespace WHERE nspname = 'mi_migrate'"
            #expect(try await workplace.postgres.target.sql(own, in: database.importedName) == "0")
        }
    }

    @Test func damageToAnyPartIsFound() async throws {
        let entry = try await loader.upload(BigDump.text, size: 1_000_000)
        for part in entry.parts {
            let name = "bucket/\(part.object.name)"
            let bytes = try workplace.folder.bytes(name)
            // In what was added, too.
            for place in [3, bytes.count / 2, bytes.count - 3] {
                var changed = bytes
                changed[place] ^= 1
                try workplace.folder.write(name, changed)
                try await isRefused(part.object.name)
            }
            try workplace.folder.write(name, bytes)
        }
        try workplace.folder.remove("bucket/\(entry.parts[3].object.name)")
        try await isRefused("\(entry.parts[3].object.name) is missing.")
    }

    @Test func partsInAnotherOrderAreRefused() async throws {
        try await loader.upload(BigDump.text, size: 1_000_000)
        try workplace.changeManifest { $0.databases[0].parts.swapAt(2, 3) }
        try await isRefused("primary.sql in ")
    }

    @Test func movedSeamIsRefused() async throws {
        try await loader.upload(BigDump.text, size: 1_000_000)
        try workplace.changeManifest { $0.databases[0].parts[3].prologue += 1 }
        try await isRefused("primary.sql in ")
    }

    /// A manifest that agrees with its objects; a server that imports the part would run what was added to it.
    @Test(arguments: [1, 2, 3, 4])
    func textThatSomebodyHasAddedToAPartIsRefused(index: Int) async throws {
        let entry = try await loader.upload(SmallDump.text, size: 600)
        let part = entry.parts[min(index, entry.parts.count - 1)]
        let name = "bucket/\(part.object.name)"
        let text = try workplace.folder.text(name)
        let added = "GRANT ALL ON SCHEMA public TO PUBLIC;\n"
        let changed = Data(text.replacing("BEGIN;\n", with: "BEGIN;\n\(added)", maxReplacements: 1).utf8)
        try workplace.folder.write(name, changed)
        var checksum = StreamChecksum()
        changed.withUnsafeBytes { checksum.update($0) }
        let crc = withUnsafeBytes(of: checksum.crc32c.bigEndian) { Data($0).base64EncodedString() }
        try workplace.changeManifest { manifest in
            let place = try #require(manifest.databases[0].parts.firstIndex(of: part))
            manifest.databases[0].parts[place].prologue += added.utf8.count
            manifest.databases[0].parts[place].object.size = checksum.size
            manifest.databases[0].parts[place].object.crc32c = crc
            manifest.databases[0].parts[place].object.sha256 = checksum.sha256
        }
        try await isRefused("\(part.object.name) is not a part that src-snapshot made")
    }

    @Test func bucketWithPartsAndNoManifestIsNotComplete() async throws {
        try await loader.upload(SmallDump.text, size: 1_000_000)
        try workplace.folder.remove("bucket/manifest.json")
        let imported = try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=primary", "--yes")
        #expect(imported.exit == 4)
        #expect(imported.errors.contains("./bucket has no manifest.json: the snapshot is not complete."))
    }

    @Test func otherFormTakesThePlaceOfTheOne() async throws {
        let first = try await loader.upload(BigDump.text, size: 300_000)
        let second = try await loader.upload(size: 1_000_000)
        #expect(second.parts.count < first.parts.count)
        #expect(try await workplace.snapshot("verify", "-bucket=./bucket").exit == 0)
        try await workplace.upload(BigDump.text, as: .primary)
        #expect(try await workplace.snapshot("verify", "-bucket=./bucket").exit == 0)
        try await loader.upload(size: 300_000, compresses: true)
        #expect(try await workplace.snapshot("verify", "-bucket=./bucket").exit == 0)
    }

    @Test func commandTellsTheNumberOfParts() async throws {
        try workplace.folder.write("src-snapshot/primary.sql", await SmallDump.text)
        let uploaded = try await workplace.snapshot(
            "upload", "-bucket=./bucket", "-file=primary.sql", "--without-summary", "--split=16MiB")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(uploaded.output.contains("primary.sql in 4 parts"), "\(uploaded.output)")
        #expect(
            try workplace.folder.list("bucket") == [
                "manifest.json", "primary.00-extensions.sql", "primary.10-schema.sql", "primary.20-data-0001.sql",
                "primary.30-indexes.sql",
            ])
    }

    @Test func dumpThatCannotBeSplitIsRefused() async throws {
        let dump = try await SmallDump.text
        let own = dump.replacing("\"audit\"", with: "\"mi_migrate\"")
        let error = try await #require(throws: MigrationError.self) { try await loader.upload(own, size: 1000) }
        #expect(error.message.contains("primary.sql cannot be split. It uses the name mi_migrate"))
        let torn = try await #require(throws: MigrationError.self) {
            try await loader.upload(String(dump.dropLast(200)), size: 1000)
        }
        #expect(torn.code == .tornDump)
        let left = workplace.folder.exists("bucket") ? try workplace.folder.list("bucket") : []
        #expect(left == [])
    }
}
