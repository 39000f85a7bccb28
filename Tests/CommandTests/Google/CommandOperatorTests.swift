import FakeGoogle
import Foundation
import MigrationKit
import NIOCore
import TestClusters
import Testing

/// The operator reads what a customer has put in a Google bucket.
@Suite(.inTurn) struct CommandOperatorTests {
    /// A bucket with a snapshot, for a key that may read and no more.
    ///
    /// - Parameter primary: Its largest dump.
    private func withSnapshot(
        _ primary: CommandDump = .small, _ options: String..., body: (CommandPlace) async throws -> Void
    ) async throws {
        var viewer = FakeGoogleStorage.Options()
        viewer.permissions = FakeGoogleStorage.Options.objectViewer
        try await CommandPlace.with([:], viewer) { reader in
            let dumps: [Database: CommandDump] = [.primary: primary, .codeintel: .small, .codeinsights: .small]
            try await CommandPlace.with(dumps) { place in
                let uploaded = try await place.upload(
                    ["--without-summary", "-bucket=gs://bucket/some/where"] + options)
                try #require(uploaded.exit == 0, "\(uploaded.errors)")
                for name in place.objects {
                    let object = try #require(place.fake.object("bucket", name))
                    reader.fake.add("bucket", name, object.bytes)
                }
                #expect(place.fake.violations == [])
            }
            try await body(reader)
            #expect(reader.fake.violations == [])
        }
    }

    private func verify(_ place: CommandPlace) async throws -> Workplace.Finished {
        try await place.workplace.snapshot(
            "verify", "-bucket=gs://bucket/some/where", "-credentials=key.json", environment: place.environment)
    }

    private func migrate(_ place: CommandPlace) async throws -> Workplace.Finished {
        try await place.workplace.migrate(
            "import", "--bucket=gs://bucket/some/where", "--credentials=key.json", "--into=\(place.workplace.into)",
            "--yes", environment: place.environment)
    }

    @Test(arguments: [[], ["--gzip"]])
    func snapshotIsVerifiedAndImported(options: [String]) async throws {
        try await withSnapshot(.medium, options.first ?? "--max-rate=10GB/s") { place in
            let verified = try await verify(place)
            #expect(verified.exit == 0, "\(verified.errors)")
            #expect(verified.errors.contains("Verified: every object matches the manifest."))
            try await TargetDatabases.withAll {
                let imported = try await migrate(place)
                #expect(imported.exit == 0, "\(imported.errors)")
                #expect(imported.errors.contains("exactly the rows that were dumped"), "\(imported.errors)")
                let frontend = try await place.workplace.postgres.target.sql(
                    "SELECT version FROM versions", in: Database.codeintel.importedName)
                #expect(frontend == "5.1.8")
            }
        }
    }

    @Test(arguments: ["primary.sql", "codeintel.sql", "manifest.json"])
    func damagedObjectIsNamed(name: String) async throws {
        try await withSnapshot { place in
            place.fake.damage("bucket", "some/where/\(name)", at: 1000)
            for damaged in [try await verify(place), try await migrate(place)] {
                #expect(damaged.exit == 4)
                #expect(damaged.errors.contains("\(name) in gs://bucket/some/where"), "\(damaged.errors)")
            }
        }
    }

    @Test func replacedObjectIsNamed() async throws {
        try await withSnapshot { place in
            place.fake.add("bucket", "some/where/codeintel.sql", .init(bytes: CommandDump.small.text))
            for damaged in [try await verify(place), try await migrate(place)] {
                #expect(damaged.exit == 4)
                #expect(damaged.errors.contains("codeintel.sql has "), "\(damaged.errors)")
            }
        }
    }

    @Test func missingObjectIsNamed() async throws {
        try await withSnapshot { place in
            place.fake.remove("bucket", "some/where/codeinsights.sql")
            let damaged = try await verify(place)
            #expect(damaged.exit == 4)
            #expect(damaged.errors.contains("codeinsights.sql is missing."), "\(damaged.errors)")
        }
    }

    @Test func keyThatMayOnlyCreateCannotVerify() async throws {
        try await CommandPlace.with { place in
            let refused = try await verify(place)
            #expect(refused.exit == 3)
            let account = "uploader@example-project.iam.gserviceaccount.com"
            #expect(
                refused.errors.contains("error: \(account) is not allowed to read gs://bucket/some/where."),
                "\(refused.errors)")
            #expect(refused.errors.contains("roles/storage.objectViewer"))
            #expect(place.fake.requests.map(\.operation) == [.token, .list])
        }
    }
}
