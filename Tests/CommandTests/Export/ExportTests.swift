import Foundation
import MigrationKit
import TestClusters
import Testing

/// `src-snapshot run`: what is in the bucket is what pg_dump would have dumped.
@Suite(.inTurn) struct ExportTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func export(_ arguments: String..., environment: [String: String] = [:]) async throws -> Workplace.Finished
    {
        try await workplace.run(
            BuiltPrograms.path("src-snapshot"), ["run", "-bucket=./bucket", "--without-instance"] + arguments,
            environment: environment)
    }

    /// The lines of a dump, whatever the order of its tables.
    private func lines(_ folder: ScratchFolder, _ database: Database) throws -> [Substring] {
        try folder.text("src-snapshot/\(database.dumpName)").split(separator: "\n").filter { line in
            // The key is another one every time; pg_dump begins each of its runs with the default.
            !line.contains("restrict ") && line != "SET default_tablespace = '';"
        }.sorted()
    }

    @Test func snapshotIsThatOfThreeCommands() async throws {
        try workplace.writeTargets()
        let exported = try await export("--targets=targets.yaml", "--keep-dumps")
        #expect(exported.exit == 0, "\(exported.errors)")
        #expect(exported.errors.contains("manifest.json is in ./bucket: the snapshot is complete."))
        let manifest = try await SnapshotManifest(readFrom: DirectoryStore(path: workplace.folder.file("bucket")))
        let example = try await ExampleSnapshot.shared.workplace.folder
        let expected = try await SnapshotManifest(readFrom: DirectoryStore(path: example.file("bucket")))
        for (entry, other) in zip(manifest.databases, expected.databases) {
            #expect(try lines(workplace.folder, entry.database) == lines(example, entry.database))
            #expect(Set(entry.contents.tables) == Set(other.contents.tables))
            #expect(Set(entry.contents.sequences) == Set(other.contents.sequences))
            #expect(entry.contents.gaps == other.contents.gaps)
            #expect(entry.parts.allSatisfy { $0.object.name.hasPrefix("run-") })
        }
        #expect(manifest.instant?.moments.map(\.database) == Database.allCases)
        #expect((0..<60_000).contains(manifest.instant?.distanceMilliseconds ?? -1))
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        // The dumps that were kept are as good as those of `databases --run`.
        let kept = try await workplace.snapshot("verify")
        #expect(kept.exit == 0, "\(kept.errors)")
    }

    @Test(arguments: [["--whole"], ["--whole", "--gzip"], ["--gzip", "--part-size=16MiB", "--jobs=1"]])
    func exportedSnapshotIsImportedAndProven(form: [String]) async throws {
        try workplace.writeTargets()
        let exported = try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["run", "--targets=targets.yaml", "-bucket=./bucket", "--without-instance"] + form)
        #expect(exported.exit == 0, "\(exported.errors)")
        try await TargetDatabases.withOne { database in
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--database=\(database.rawValue)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
        }
    }

    @Test func dryRunSendsNothing() async throws {
        try workplace.writeTargets()
        let planned = try await export("--targets=targets.yaml", "--dry-run")
        #expect(planned.exit == 0, "\(planned.errors)")
        #expect(planned.output.contains("primary"))
        #expect(planned.errors.contains("Nothing was sent."))
        #expect(try !workplace.folder.exists("bucket") || workplace.folder.list("bucket").isEmpty)
    }

    @Test func databaseWithoutTargetIsNamedBeforeAnythingIsSent() async throws {
        try workplace.writeTargets()
        let refused = try await export("--targets=targets.yaml", "--only=primary,codeintel")
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("There is no target for codeinsights"), "\(refused.errors)")
        #expect(!workplace.folder.exists("bucket"))
    }
}
