import MigrationKit
import Subprocess
import TestClusters
import Testing

/// Files that the commands leave, and who may read them.
@Suite(.inTurn) struct FilesTests {
    let example: ExampleSnapshot

    init() async throws { example = try await ExampleSnapshot.shared }

    @Test(arguments: ["src-snapshot", "bucket"])
    func onlyTheOwnerMayRead(name: String) throws {
        let folder = example.workplace.folder
        for file in try folder.list(name) {
            #expect(try folder.mode("\(name)/\(file)") == 0o600, "\(file)")
            #expect(!file.hasSuffix(".part"))
        }
    }

    @Test func foldersAreMadeForTheOwnerAlone() async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--force", "--only=codeinsights")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        let uploaded = try await workplace.snapshot(
            "upload", "-bucket=./bucket", "-file=codeinsights.sql", "--without-summary")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(try workplace.folder.mode("src-snapshot") == 0o700)
        #expect(try workplace.folder.mode("bucket") == 0o700)
        #expect(
            try workplace.folder.list("src-snapshot") == ["codeinsights.dump.json", "codeinsights.sql"])
        #expect(try workplace.folder.list("bucket") == ["codeinsights.sql", "manifest.json"])
    }

    @Test func partThatAnybodyMayReadIsClosedToOthers() async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        try workplace.folder.write("src-snapshot/codeinsights.sql.part", "left behind", mode: 0o666)
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--force", "--only=codeinsights")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(try workplace.folder.mode("src-snapshot/codeinsights.sql") == 0o600)
        #expect(!workplace.folder.exists("src-snapshot/codeinsights.sql.part"))
    }

    @Test func partThatLeadsElsewhereIsNotFollowed() async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        try workplace.folder.write("elsewhere", "precious")
        try workplace.folder.write("src-snapshot/older", "")
        _ = try await workplace.shell("ln -s ../elsewhere src-snapshot/codeinsights.sql.part")
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--force", "--only=codeinsights")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(try workplace.folder.text("elsewhere") == "precious")
    }

    @Test func tableOfTheDumpsIsAllThatIsPrintedToStandardOutput() {
        let lines = example.dumped.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first?.split(separator: " ").first == "database")
        #expect(lines.dropFirst().map { $0.split(separator: " ").first } == ["primary", "codeintel", "codeinsights"])
        #expect(example.dumped.errors.contains("Next: src-snapshot summary, then src-snapshot upload"))
    }

    @Test func twoRunsDoNotShareAFolder() async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        let source = workplace.postgres.source
        // pg_dump waits for the lock, so that the first run lasts.
        try await source.withDatabase("locked", "CREATE TABLE slow ()") {
            try workplace.writeTargets { _, lines in lines.dbname = "locked" }
            try await source.holding("LOCK TABLE slow", in: "locked") {
                let first = try await workplace.snapshot(
                    "databases", "pg_dump", "--targets=targets.yaml", "--run", "--only=primary",
                    whileRunning: { process in
                        try await source.waitForDump(of: "locked")
                        let second = try await workplace.snapshot(
                            "databases", "pg_dump", "--targets=targets.yaml", "--run", "--only=codeintel")
                        #expect(second.exit == 8)
                        #expect(second.errors.contains("Another run is active in src-snapshot."))
                        #expect(!workplace.folder.exists("src-snapshot/codeintel.sql"))
                        try process.send(.interrupt)
                    })
                #expect(first.exit == 130)
            }
        }
    }
}
