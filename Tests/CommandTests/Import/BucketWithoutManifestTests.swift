import MigrationKit
import TestClusters
import Testing

/// A bucket that another program has filled: dumps are loaded, and what cannot be known is said plainly.
@Suite(.inTurn) struct BucketWithoutManifestTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    @Test func rowsAreCountedAndThatIsSaid() async throws {
        try await TargetDatabases.withOne { database in
            try workplace.folder.write("bucket/\(database.acceptedDumpNames.last ?? "")", await SmallDump.text)
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("warning: ./bucket has no manifest.json"))
            #expect(imported.errors.contains("Their contents could not be compared without a manifest."))
            #expect(!imported.errors.contains("exactly the rows"))
            #expect(imported.output.contains("not compared") && !imported.output.contains("equal"))
        }
    }

    @Test func missingRowIsFound() async throws {
        try await TargetDatabases.withOne { database in
            try workplace.folder.write("bucket/\(database.dumpName)", await SmallDump.text)
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(
                    of: database,
                    afterLoad: {
                        try await workplace.postgres.target.sql(
                            "DELETE FROM visits WHERE weight = 1", in: database.importedName)
                    })
            }
            #expect(error.details == ["\(database.importedName): visits has 49 rows; 50 were dumped."])
        }
    }

    @Test func tornDumpIsRefusedBeforeAnythingIsDropped() async throws {
        try await TargetDatabases.withOne { database in
            let text = try await SmallDump.text
            try workplace.folder.write("bucket/\(database.dumpName)", String(text.prefix(text.count / 2)))
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(of: database, afterReset: { Issue.record("was reset") })
            }
            #expect(error.code == .tornDump)
        }
    }

    @Test func verifyDoesNotPass() async throws {
        try workplace.folder.write("bucket/primary.sql", await SmallDump.text)
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 4)
        #expect(verified.errors.contains("./bucket has no manifest.json: the snapshot is not complete."))
        #expect(verified.errors.contains("It has primary.sql."))
    }
}
