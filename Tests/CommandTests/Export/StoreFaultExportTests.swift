import FakeGoogle
import MigrationKit
import TestClusters
import Testing

/// The store fails while databases are on their way into it.
@Suite(.inTurn) struct StoreFaultExportTests {
    private func export(_ place: CommandPlace) async throws -> Workplace.Finished {
        try await place.workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["run", "--targets=targets.yaml", "-bucket=bucket", "-credentials=key.json", "--without-instance"],
            environment: place.environment)
    }

    @Test func storeThatFailsForAMomentIsAskedAgain() async throws {
        try await CommandPlace.with { place in
            try place.workplace.writeTargets()
            for operation in [FakeOperation.insert, .startSession, .finalChunk, .startMultipart, .complete] {
                place.fake.fault(operation, .status(503))
            }
            place.fake.fault(.anyPart(times: 1, .reset(afterBytes: 1000)))
            let exported = try await export(place)
            #expect(exported.exit == 0, "\(exported.errors)")
            let example = try await ExampleSnapshot.shared.workplace.folder
            let expected = try await SnapshotManifest(readFrom: DirectoryStore(path: example.file("bucket")))
            try place.folder.write("stored/manifest.json", try #require(place.object("manifest.json")))
            let manifest = try await SnapshotManifest(
                readFrom: DirectoryStore(path: place.folder.file("stored")))
            for (entry, other) in zip(manifest.databases, expected.databases) {
                #expect(Set(entry.contents.tables) == Set(other.contents.tables))
                for part in entry.parts {
                    #expect(place.object(part.object.name).map { Int64($0.count) } == part.object.size)
                }
            }
            #expect(place.fake.violations == [])
        }
    }

    @Test(arguments: [FakeOperation.insert, .startSession, .startMultipart])
    func storeThatRefusesEndsTheRun(operation: FakeOperation) async throws {
        try await CommandPlace.with { place in
            try place.workplace.writeTargets()
            // Something is there before it refuses.
            place.fake.fault(operation, skip: 3, times: 1000, .status(403))
            let refused = try await export(place)
            guard refused.exit != 0 else {
                // It is not asked for that.
                #expect(place.object("manifest.json") != nil)
                return
            }
            #expect(refused.exit == 1 || refused.exit == 3, "\(refused.errors)")
            #expect(place.object("manifest.json") == nil)
            place.fake.removeFaults()
            let exported = try await export(place)
            #expect(exported.exit == 0, "\(exported.errors)")
            #expect(place.object("manifest.json") != nil)
            #expect(place.fake.violations == [])
        }
    }
}
