import MigrationKit
import TestClusters
import Testing

/// The programs in `Examples/`, started as whoever has built them starts them.
@Suite(.inTurn) struct ExampleProgramTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func run(
        _ program: String, _ arguments: String..., input: String = ""
    ) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path(program), arguments, environment: ["PGPASSWORD": workplace.target.password], input: input
        )
    }

    @Test func inspectDumpTellsWhatADumpHolds() async throws {
        try await workplace.takeExample("src-snapshot")
        let inspected = try await run("inspect-dump", "src-snapshot/primary.sql")
        #expect(inspected.exit == 0, "\(inspected.errors)")
        #expect(inspected.output.contains("\"digest\""))
        #expect(inspected.errors.contains(" MB/s; sha256 "))
    }

    @Test func exportSnapshotFillsABucket() async throws {
        try workplace.writeTargets()
        let exported = try await run("export-snapshot", "targets.yaml", "./bucket")
        #expect(exported.exit == 0, "\(exported.errors)")
        let lines = exported.output.split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != ":" } } == ["primary.sql", "codeintel.sql", "codeinsights.sql"])
        #expect(exported.errors.contains("\r#") && exported.errors.contains("primary: "), "\(exported.errors)")
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
    }

    @Test func exportSnapshotTellsWhatIsWrong() async throws {
        #expect(try await run("export-snapshot").exit == 2)
        let failed = try await run("export-snapshot", "none.yaml", "./bucket")
        #expect(failed.exit == 2)
        #expect(failed.errors.hasPrefix("none.yaml cannot be read: No such file or directory.\n"), "\(failed.errors)")
        #expect(!workplace.folder.exists("bucket"))
    }

    @Test func snapshotOnTwoDisksIsImportedAndListed() async throws {
        try await workplace.takeExample("bucket")
        let other = try workplace.folder.bytes("bucket/codeintel.sql")
        try workplace.folder.write("other/codeintel.sql", other)
        try workplace.folder.remove("bucket/codeintel.sql")
        try await TargetDatabases.withAll {
            let imported = try await run(
                "import-from-disks", workplace.into, "./journal", "./bucket", "./other", input: "yes\n")
            #expect(imported.exit == 0, "\(imported.errors)")
            let lines = imported.output.split(separator: "\n")
            #expect(lines.count == 3 && lines.allSatisfy { $0.contains(" tables equal, ") }, "\(imported.output)")
            // By now they are there, and nobody agrees that they are dropped.
            let refused = try await run("import-from-disks", workplace.into, "./another", "./bucket", "./other")
            #expect(refused.exit != 0)
        }
        let listed = try await run("list-migrations", "./journal", "./another")
        #expect(listed.exit == 0, "\(listed.errors)")
        let rows = listed.output.split(separator: "\n")
        #expect(rows.count == 3 && rows[1].contains("/bucket, ./other"), "\(listed.output)")
        try workplace.folder.write("journal/000002.json", "{}")
        let damaged = try await run("list-migrations", "./journal", "./another")
        #expect(damaged.exit == 1)
        #expect(damaged.errors.hasPrefix("./journal: "), "\(damaged.errors)")
    }
}
