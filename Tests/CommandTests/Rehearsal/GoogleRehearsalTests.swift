import FakeGoogle
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// `mi-migrate rehearse` of a Google bucket, with a key that may read it and no more.
@Suite(.inTurn) struct GoogleRehearsalTests {
    let place: RehearsalPlace

    init() async throws { place = try await RehearsalPlace() }

    private func withReader(_ body: (CommandPlace) async throws -> Void) async throws {
        var viewer = FakeGoogleStorage.Options()
        viewer.permissions = FakeGoogleStorage.Options.objectViewer
        try await CommandPlace.with([:], viewer) { reader in
            try await body(reader)
            #expect(reader.fake.violations == [])
        }
    }

    private func rehearse(_ reader: CommandPlace) async throws -> Workplace.Finished {
        try await reader.workplace.migrate(
            "rehearse", "--bucket=gs://bucket/some/where", "--credentials=key.json", "--database=primary",
            "--scratch=\(place.scratch.path)", environment: reader.environment)
    }

    @Test(arguments: ["--gzip", "--split=16MiB"])
    func snapshotIsRehearsed(form: String) async throws {
        try await withReader { reader in
            try await CommandPlace.with([.primary: .large]) { place in
                let uploaded = try await place.upload([
                    "--without-summary", "--partial", "-file=primary.sql", "-bucket=gs://bucket/some/where", form,
                ])
                try #require(uploaded.exit == 0, "\(uploaded.errors)")
                for name in place.objects {
                    let object = try #require(place.fake.object("bucket", name))
                    reader.fake.add("bucket", name, object.bytes)
                }
            }
            let passed = try await rehearse(reader)
            #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
            #expect(passed.output.contains("  equal"))
            #expect(try await place.isClean())
        }
    }

    /// Cloud SQL takes nothing of which no manifest tells.
    @Test func bucketWithoutManifestFails() async throws {
        try await withReader { reader in
            reader.fake.add("bucket", "some/where/primary.sql", .init(bytes: Array(try await SmallDump.text.utf8)))
            let failed = try await rehearse(reader)
            #expect(failed.exit == 5)
            #expect(failed.output.contains("FAIL  manifest"), "\(failed.output)\(failed.errors)")
            #expect(failed.output.contains("Cloud SQL imports need the manifest."))
            // What can be seen of it is seen all the same.
            #expect(failed.output.contains("not compared"))
        }
    }
}
