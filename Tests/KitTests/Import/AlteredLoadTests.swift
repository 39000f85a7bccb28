import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What is said of an object that was not the one that it has to be when it was loaded.
@Suite struct AlteredLoadTests {
    private let part = DumpPart(
        kind: .data, object: StoredObject(name: "a.sql", size: 7, crc32c: "AAAAAA=="), prologue: 0, epilogue: 0)

    private func load(_ version: ObjectVersion?) -> DumpLoad {
        let dump = SnapshotManifest.DatabaseEntry(
            database: .primary, profile: .cloudSQL, parts: [part], contents: DumpContents())
        return DumpLoad(dump: dump, parts: [part], isRewritten: true, version: version)
    }

    @Test func objectOfASnapshotHadBeenVerified() {
        let error = PostgresImporter.altered(load(nil))
        #expect(error.code == .damagedSnapshot && error.next != nil)
        #expect(error.message == "a.sql changed in the bucket after it was verified.")
    }

    @Test func nothingOfAFollowedUploadHadBeenVerified() {
        let error = PostgresImporter.altered(load(ObjectVersion(name: "a.sql", size: 8, crc32c: nil, generation: "1")))
        #expect(error.code == .damagedSnapshot)
        #expect(error.message == "a.sql was replaced in the bucket before it was loaded.")
        #expect(error.next?.contains("it loads the object that is there then") == true)
    }
}
