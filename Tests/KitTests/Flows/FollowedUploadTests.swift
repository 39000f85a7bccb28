import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// What lists of a bucket, which anybody may have written to, tell of an upload.
@Suite struct FollowedUploadTests {
    private static let attempt = "run-20261130T063608Z-4f2a"

    private func versions(_ names: [String], _ change: (inout ObjectVersion) -> Void = { _ in }) -> [ObjectVersion] {
        names.map { name in
            var version = ObjectVersion(name: name, size: 7, crc32c: "AAAAAA==", generation: "1")
            change(&version)
            return version
        }
    }

    private func upload(_ names: [String], _ databases: [Database] = [.primary]) throws -> FollowedUpload {
        var upload = try #require(FollowedUpload(newestIn: versions(names), of: databases))
        _ = try upload.take(versions(names))
        return upload
    }

    private func reason(_ body: () throws -> Void) -> String? {
        #expect(throws: UploadLost.self, performing: body)?.reason
    }

    @Test func onlyPartsOfWantedDatabasesAreTaken() throws {
        let names = [
            "primary.10-schema.sql", "manifest.json.part", "\(Self.attempt).primary.20-data-1.sql",
            "\(Self.attempt).primary.20-data-0000.sql", "\(Self.attempt).primary.40-more.sql",
            "\(Self.attempt).codeintel.20-data-0001.sql", "\(Self.attempt).\(Self.attempt).primary.10-schema.sql",
            "\(Self.attempt).summary.json", "run-20261129T235959Z-0abc.primary.20-data-0001.sql",
            "run-20270230T000000Z-0abc.primary.10-schema.sql", "\(Self.attempt).primary.20-data-0002.sql'; --",
        ]
        var upload = try upload(names)
        #expect(upload.attempt.text == Self.attempt)
        #expect(upload.parts.isEmpty && upload.missing == [.primary] && !upload.isComplete)
        #expect(upload.objects == 7 && upload.bytes == 49)
        let data = "\(Self.attempt).primary.20-data-0001.sql.gz"
        let schema = "\(Self.attempt).primary.10-schema.sql.gz"
        let arrived = try upload.take(versions(names + [data, schema]))
        #expect(arrived.map(\.version.name) == [schema, data])
        #expect(arrived.map(\.kind) == [.schema, .data])
        #expect(upload.missing == [])
        #expect(try upload.take(versions(names + [data, schema])).isEmpty)
    }

    @Test func withoutAnAttemptThereIsNothingToFollow() {
        #expect(FollowedUpload(newestIn: versions(["primary.10-schema.sql", "manifest.json"]), of: [.primary]) == nil)
    }

    @Test func newestAttemptIsFollowedAndAnEarlierOneIsPassedOver() throws {
        let dead = "run-20261129T235959Z-0abc.primary.10-schema.sql"
        let live = "\(Self.attempt).primary.10-schema.sql"
        var upload = try upload([dead, live])
        #expect(upload.attempt.text == Self.attempt)
        #expect(try upload.take(versions([live])).isEmpty)
        let new = "run-20261130T063608Z-4f2b"
        #expect(
            reason { _ = try upload.take(versions([live, "\(new).x"])) }
                == "A new attempt, \(new), has begun: \(Self.attempt) will not be completed.")
        // What the manifest names counts, and not what has begun beside it.
        _ = try upload.take(versions([live, "\(new).x", SnapshotManifest.name]))
        #expect(upload.isComplete)
    }

    @Test func partThatIsAnotherOneIsNoticed() throws {
        let name = "\(Self.attempt).primary.10-schema.sql"
        let changes: [(inout ObjectVersion) -> Void] = [
            { $0.generation = "2" }, { $0.crc32c = "AAAAAQ==" }, { $0.size = 8 },
        ]
        for change in changes {
            var upload = try upload([name])
            let found = reason { _ = try upload.take(versions([name], change)) }
            #expect(found == "\(name) was replaced or removed while \(Self.attempt) was followed.")
        }
        var upload = try upload([name])
        #expect(reason { _ = try upload.take([]) } != nil)
    }

    @Test func noteIsHeldAgainstAllThatAManifestTells() {
        let object = StoredObject(name: "a", size: 7, crc32c: "AAAAAA==", sha256: "ff")
        let version = versions(["a"])[0]
        let part = DumpPart(kind: .data, object: object, prologue: 0, epilogue: 0)
        let note = PartNote(of: object, version)
        #expect(note.flaw([part], version) == nil)
        #expect(note.flaw([], version) == "a was loaded, and manifest.json does not name it.")
        #expect(note.flaw([part], nil) == "a was replaced in the bucket after it was loaded.")
        let changes: [(inout PartNote) -> Void] = [
            { $0.size = 8 }, { $0.crc32c = "AAAAAQ==" }, { $0.sha256 = "fe" }, { $0.sha256 = nil },
            { $0.generation = nil }, { $0.size = nil }, { $0.crc32c = nil },
        ]
        for change in changes {
            var note = note
            change(&note)
            #expect(note.flaw([part], version) == "a was loaded with other bytes than manifest.json names.")
        }
        var sent = part
        sent.object.sha256 = nil
        #expect(note.flaw([sent], version) == nil)
    }
}
