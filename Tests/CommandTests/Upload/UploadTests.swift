import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// What keeps an upload from being taken for one that worked: nothing is under the final name, and no manifest.
@Suite(.inTurn) struct UploadTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func upload(_ options: String...) async throws -> Workplace.Finished {
        try await workplace.run(BuiltPrograms.path("src-snapshot"), ["upload", "-bucket=./bucket"] + options)
    }

    /// All files of the customer, by name.
    private func customersFiles() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try workplace.folder.list("src-snapshot") {
            files[name] = try workplace.folder.bytes("src-snapshot/\(name)")
        }
        return files
    }

    @Test func customersFilesStayAsTheyAre() async throws {
        try await workplace.takeExample("src-snapshot")
        let before = try customersFiles()
        let uploaded = try await upload()
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(try customersFiles() == before)
        #expect(before.count == 7)
    }

    @Test(arguments: [0, 10, 500, 990])
    func tornDumpIsNotUploaded(perMille: Int) async throws {
        try await workplace.takeExample("src-snapshot")
        let whole = try workplace.folder.bytes("src-snapshot/codeintel.sql")
        try workplace.folder.write("src-snapshot/codeintel.sql", whole.prefix(whole.count * perMille / 1000))
        let before = try customersFiles()
        let refused = try await upload("--without-summary")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("codeintel.sql: failed. The dump "), "\(refused.errors)")
        #expect(try workplace.folder.list("bucket") == ["codeinsights.sql", "primary.sql"])
        #expect(try customersFiles() == before)
    }

    @Test func dumpThatWasAlteredSinceItWasMadeIsNotUploaded() async throws {
        try await workplace.takeExample("src-snapshot")
        let name = "src-snapshot/codeintel.sql"
        let text = try workplace.folder.text(name)
        // A row; a statement; nothing but its place.
        let changes = [
            text.replacing("scip-go gomod", with: "scip-go gomad", maxReplacements: 1),
            text.replacing("DROP INDEX", with: "DROP  INDEX", maxReplacements: 1),
            text.replacing("\n\n\n--", with: "\n\n--\n\n--", maxReplacements: 1),
        ]
        for change in changes {
            #expect(change != text)
            try workplace.folder.write(name, change)
            let refused = try await upload("-file=codeintel.sql")
            #expect(refused.exit == 4)
            #expect(
                refused.errors.contains("\(name) has changed since it was dumped (at "), "\(refused.errors)")
            #expect(!workplace.folder.exists("bucket/codeintel.sql"))
            #expect(!workplace.folder.exists("bucket/manifest.json"))
        }
        try workplace.folder.write(name, text)
        let uploaded = try await upload("-file=codeintel.sql")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
    }

    @Test func olderUploadStaysWhereANewOneFails() async throws {
        try await workplace.takeExample("src-snapshot")
        let first = try await upload("-file=codeintel.sql")
        #expect(first.exit == 0, "\(first.errors)")
        let older = try workplace.folder.bytes("bucket/codeintel.sql")
        let dump = try workplace.folder.bytes("src-snapshot/codeintel.sql")
        try workplace.folder.write("src-snapshot/codeintel.sql", dump.prefix(dump.count / 2))
        let second = try await upload("-file=codeintel.sql")
        #expect(second.exit == 4)
        #expect(try workplace.folder.bytes("bucket/codeintel.sql") == older)
        #expect(try workplace.folder.list("bucket") == ["codeintel.sql", "manifest.json"])
    }

    @Test func fullDiskLeavesNothing() async throws {
        try await workplace.takeExample("src-snapshot")
        // Files of 64 blocks of 512 bytes and no larger; the signal would end the program before it can tell.
        let refused = try await workplace.shell(
            "trap '' XFSZ; ulimit -f 64; exec '\(BuiltPrograms.path("src-snapshot"))' upload -bucket=./bucket -file=codeintel.sql"
        )
        #expect(refused.exit == 1, "\(refused.status)")
        #expect(refused.errors.contains("bucket/codeintel.sql cannot be written: File too large."), "\(refused.errors)")
        #expect(refused.errors.contains("Free some space"))
        #expect(try workplace.folder.list("bucket") == [])
    }

    @Test func missingSummaryIsAnError() async throws {
        try await workplace.takeExample("src-snapshot")
        try workplace.folder.remove("src-snapshot/summary.json")
        let refused = try await upload()
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("src-snapshot lacks summary.json."))
        #expect(!workplace.folder.exists("bucket"))
        let uploaded = try await upload("--without-summary")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(try !workplace.folder.list("bucket").contains("summary.json"))
    }

    @Test func missingDumpsAreAllNamed() async throws {
        try workplace.folder.write("src-snapshot/codeintel.sql", "")
        let refused = try await upload("--without-summary")
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("src-snapshot lacks primary.sql, codeinsights.sql."))
        #expect(!workplace.folder.exists("bucket"))
    }

    @Test func pgsqlIsAnotherNameOfPrimary() async throws {
        try workplace.folder.write("src-snapshot/pgsql.sql", await SmallDump.text)
        let uploaded = try await upload("-file=pgsql.sql", "--without-summary")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(try workplace.folder.list("bucket") == ["manifest.json", "primary.sql"])
    }

    @Test func chosenFilesAreUploadedOneAfterTheOther() async throws {
        try await workplace.takeExample("src-snapshot")
        for file in ["codeintel.sql", "primary.sql,summary.json", "codeinsights.sql"] {
            let uploaded = try await upload("-file=\(file)")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
        }
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
        let manifest = try JSONDecoder().decode(
            SnapshotManifest.self, from: workplace.folder.bytes("bucket/manifest.json"))
        #expect(manifest.databases.map(\.database) == Database.allCases)
        #expect(manifest.files.map(\.name) == ["summary.json"])
    }

    @Test func damagedManifestIsReplacedByAWholeUpload() async throws {
        try await workplace.takeExample("src-snapshot")
        try workplace.folder.write("bucket/manifest.json", "{\"format\":")
        let uploaded = try await upload()
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
    }

    @Test func damagedManifestIsToldBeforeAPartIsUploaded() async throws {
        try await workplace.takeExample("src-snapshot")
        try workplace.folder.write("bucket/manifest.json", "{\"format\":")
        let refused = try await upload("-file=codeintel.sql")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("manifest.json in ./bucket is not valid."))
        #expect(try workplace.folder.list("bucket") == ["manifest.json"])
    }

    @Test(arguments: ["-file=nothing.sql", "-file=primary.sql,../x", "-file=", "-file=,"])
    func otherFilesAreRefused(option: String) async throws {
        try await workplace.takeExample("src-snapshot")
        let refused = try await upload(option)
        #expect(refused.exit == 2, "\(refused.output)")
        #expect(!workplace.folder.exists("bucket"))
    }

    @Test(arguments: ["s3://customer-bucket/x", "", "gs://", "Customer", "gs://customer//x", "file://host/path"])
    func whatIsNoBucketIsWrongUsage(bucket: String) async throws {
        try await workplace.takeExample("src-snapshot")
        for command in [["upload"], ["verify"]] {
            let refused = try await workplace.run(BuiltPrograms.path("src-snapshot"), command + ["-bucket=\(bucket)"])
            #expect(refused.exit == 2, "\(refused.errors)")
            #expect(refused.errors.hasPrefix("error: "), "\(refused.errors)")
        }
        #expect(!workplace.folder.exists(bucket.isEmpty ? "none" : bucket))
    }

    @Test func refusedStatementsAreListedWithTheirLines() async throws {
        let dump = try await SmallDump.text
        let statements = [
            "CREATE EXTENSION IF NOT EXISTS \"timescaledb\" WITH SCHEMA \"public\";", "INSERT INTO people VALUES (7);",
            "\\! rm -rf /", "COMMIT;",
        ]
        let altered = dump.replacing(
            "\nCREATE SCHEMA \"audit\";", with: "\n" + statements.joined(separator: "\n") + "\nCREATE SCHEMA \"audit\";"
        )
        try workplace.folder.write("src-snapshot/primary.sql", altered)
        let refused = try await upload("-file=primary.sql")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("primary.sql has 4 statements that cannot be imported."), "\(refused.errors)")
        let lines = altered.split(separator: "\n", omittingEmptySubsequences: false)
        for statement in statements {
            let line = try #require(lines.firstIndex { $0 == statement }) + 1
            #expect(refused.errors.contains("  primary.sql:\(line): "), "\(refused.errors)")
            #expect(refused.errors.contains("    \(statement)\n"), "\(refused.errors)")
        }
        #expect(try workplace.folder.list("bucket") == [])
    }
}
