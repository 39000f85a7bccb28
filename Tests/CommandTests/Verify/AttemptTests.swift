import FakeGoogle
import FakeSourcegraph
import Foundation
import MigrationKit
import TestClusters
import Testing

/// A snapshot whose objects have the names of an attempt goes the way of any other.
@Suite(.inTurn) struct AttemptTests {
    private static let attempt = AttemptBucket.attempt
    private static let dead = "run-20261129T235959Z-0abc"

    @Test func snapshotOfAnAttemptIsVerified() async throws {
        let workplace = try await Workplace()
        try await workplace.takeExample("bucket")
        try workplace.renameToAttempt()
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        #expect(verified.errors.contains("\(Self.attempt).codeintel.sql: "), "\(verified.errors)")
        #expect(!verified.errors.contains("does not name"))
        try workplace.folder.write("bucket/\(Self.attempt).summary.json", "{}")
        let refused = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(refused.exit == 4 && refused.errors.contains("\(Self.attempt).summary.json"), "\(refused.errors)")
    }

    @Test func snapshotOfAnAttemptIsRehearsed() async throws {
        let place = try await RehearsalPlace()
        try await place.workplace.takeExample("bucket")
        try place.workplace.renameToAttempt()
        let passed = try await place.rehearse()
        #expect(passed.exit == 0, "\(passed.errors)\(passed.output)")
        // The example's is not one that an instance would have.
        #expect(
            passed.output.contains("\(Self.attempt).summary.json in ./bucket is not a valid summary"),
            "\(passed.output)")
        #expect(passed.output.contains(/ok +sourcegraph-version +It is from Sourcegraph/))
    }

    @Test(arguments: [false, true])
    func dumpOfAnAttemptIsImported(isSplit: Bool) async throws {
        try await TargetDatabases.withOne { database in
            let workplace = try await Workplace()
            if isSplit {
                try await PartLoader(workplace: workplace).upload(BigDump.text, as: database, size: 300_000)
            } else {
                try await workplace.upload(SmallDump.text, as: database)
            }
            try workplace.renameToAttempt()
            let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
            #expect(verified.exit == 0, "\(verified.errors)")
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("holds exactly the rows that were dumped."))
        }
    }

    @Test func cloudSQLIsToldTheNamesOfTheAttempt() async throws {
        let bucket = try AttemptBucket(try await CloudSQLSnapshot.split)
        try await CloudSQLPlace.with(bucket.objects) { place in
            let imported = try await place.importAll(place.connection)
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(place.imports(of: "\(Self.attempt).primary.20-data-0002.sql") == 1)
            #expect(imported.errors.contains("holds exactly the rows that were dumped"))
            let reported = try await place.migrate("report", "--bucket=gs://\(CloudSQLPlace.bucket)", "--json")
            #expect(reported.exit == 0, "\(reported.errors)")
        }
    }

    @Test func instanceIsTestedAgainstTheSummaryOfTheAttempt() async throws {
        let workplace = try await Workplace()
        try await FakeSourcegraph.with(version: "5.1.8") { fake in
            let environment = ["SRC_ENDPOINT": fake.endpoint + "/", "SRC_ACCESS_TOKEN": fake.token]
            _ = try await workplace.snapshot("summary", environment: environment)
            try workplace.folder.write("src-snapshot/primary.sql", await SmallDump.instances)
            let uploaded = try await workplace.snapshot(
                "upload", "-bucket=./bucket", "-file=primary.sql", "-file=summary.json")
            try #require(uploaded.exit == 0, "\(uploaded.errors)")
            try workplace.renameToAttempt()
            let run = try await workplace.migrate("test", "-snapshot-summary=./bucket", environment: environment)
            #expect(run.exit == 0, "\(run.output)\(run.errors)")
            #expect(run.errors.contains("The instance is ready to hand over."))
        }
    }

    @Test func objectsOfADeadAttemptAreNamed() async throws {
        let workplace = try await Workplace()
        try await workplace.takeExample("bucket")
        try workplace.renameToAttempt()
        try workplace.folder.write("bucket/\(Self.dead).primary.10-schema.sql", String(repeating: "x", count: 1200))
        try workplace.folder.write("bucket/\(Self.dead).primary.20-data-0001.sql", String(repeating: "x", count: 300))
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        let lines = verified.errors.split(separator: "\n").filter { $0.contains("does not name") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("\(Self.dead): 2 objects, 1.50 kB, ") == true, "\(verified.errors)")
        #expect(lines.first?.hasSuffix("rm -- ./bucket/\(Self.dead).*") == true, "\(verified.errors)")
    }

    @Test func bucketWithAttemptsAndNoManifestIsNotComplete() async throws {
        let workplace = try await Workplace()
        try await workplace.takeExample("bucket")
        try workplace.renameToAttempt()
        try workplace.folder.remove("bucket/manifest.json")
        let refused = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("./bucket has no manifest.json: the snapshot is not complete."))
        #expect(refused.errors.contains("It has 4 objects of \(Self.attempt), which is not complete."))
        let imported = try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=\(workplace.into)", "--yes")
        #expect(imported.exit == 4)
        #expect(imported.errors.contains("./bucket has no manifest.json: the snapshot is not complete."))
    }
}
