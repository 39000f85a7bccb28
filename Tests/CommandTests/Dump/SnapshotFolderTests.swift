import MigrationKit
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// Several runs and several dumps in one folder, at once and one after the other.
@Suite(.inTurn) struct SnapshotFolderTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    private func dump(
        _ database: Database, whileRunning: @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.snapshot(
            "databases", "--targets=targets.yaml", "--run", "--force", "--only=\(database.rawValue)",
            whileRunning: whileRunning)
    }

    @Test func secondRunNamesTheFolderAndTheFirstGoesOn() async throws {
        let source = workplace.postgres.source
        try await workplace.takeExample("src-snapshot")
        try workplace.writeTargets { database, lines in if database == .primary { lines.dbname = "two_runs" } }
        let first = try await source.withDatabase("two_runs", "CREATE TABLE slow ()") {
            let first = try await source.holding("LOCK TABLE slow", in: "two_runs") {
                let first = Task { try await dump(.primary) }
                try await source.waitForDump(of: "two_runs")
                let others = [
                    try await dump(.primary), try await dump(.codeintel),
                    try await workplace.snapshot("upload", "-bucket=./bucket"),
                ]
                for other in others {
                    #expect(other.exit == 8)
                    #expect(other.output == "")
                    #expect(other.errors.contains("Another run is active in src-snapshot."), "\(other.errors)")
                }
                return first
            }
            return try await first.value
        }
        #expect(first.exit == 0, "\(first.errors)")
        #expect(!workplace.folder.exists("bucket"))
        #expect(try workplace.folder.text("src-snapshot/primary.sql").contains("CREATE TABLE \"public\".\"slow\""))
        let verified = try await workplace.snapshot("verify")
        #expect(verified.exit == 0, "\(verified.errors)")
    }

    @Test func runsInOtherFoldersGoOn() async throws {
        let (source, elsewhere) = (workplace.postgres.source, try await Workplace())
        for place in [workplace, elsewhere] {
            try place.writeTargets { database, lines in if database == .primary { lines.dbname = "two_folders" } }
        }
        try await source.withDatabase("two_folders", "CREATE TABLE slow ()") {
            let first = try await source.holding("LOCK TABLE slow", in: "two_folders") {
                let first = Task { try await dump(.primary) }
                try await source.waitForDump(of: "two_folders")
                let other = try await elsewhere.snapshot(
                    "databases", "--targets=targets.yaml", "--run", "--force", "--only=codeinsights")
                #expect(other.exit == 0, "\(other.errors)")
                return first
            }
            #expect(try await first.value.exit == 0)
        }
    }

    @Test func killedRunIsBegunAnew() async throws {
        let source = workplace.postgres.source
        try workplace.writeTargets { _, lines in lines.dbname = "killed" }
        try await source.withDatabase("killed", "CREATE TABLE slow ()") {
            try await source.holding("LOCK TABLE slow", in: "killed") {
                let killed = try await dump(.codeintel) { process in
                    try await source.waitForDump(of: "killed")
                    try process.send(.kill)
                }
                #expect(killed.status == .signaled(Signal.kill.rawValue))
                #expect(try workplace.folder.list("src-snapshot") == [])
            }
            let refused = try await workplace.snapshot("verify")
            #expect(refused.exit == 3)
            let dumped = try await dump(.codeintel)
            #expect(dumped.exit == 0, "\(dumped.errors)")
            #expect(
                try workplace.folder.list("src-snapshot") == ["codeintel.dump.json", "codeintel.sql"])
            let verified = try await workplace.snapshot("verify")
            #expect(verified.exit == 0, "\(verified.errors)")
            #expect(verified.errors.contains("codeintel.sql: whole and unaltered"))
        }
    }

    @Test func partsOfKilledRunsAreReplaced() async throws {
        try workplace.writeTargets()
        let stale = String(repeating: "stale\n", count: 1_000_000)
        let parts = ["src-snapshot/codeinsights.sql", "src-snapshot/codeinsights.dump.json", "bucket/codeinsights.sql"]
        for part in parts + ["bucket/manifest.json"] { try workplace.folder.write("\(part).part", stale) }
        let dumped = try await dump(.codeinsights)
        #expect(dumped.exit == 0, "\(dumped.errors)")
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket", "-file=codeinsights.sql")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        for verified in [
            try await workplace.snapshot("verify"), try await workplace.snapshot("verify", "-bucket=./bucket"),
        ] { #expect(verified.exit == 0, "\(verified.errors)") }
        #expect(
            try workplace.folder.list("src-snapshot") == ["codeinsights.dump.json", "codeinsights.sql"])
        #expect(try workplace.folder.list("bucket") == ["codeinsights.sql", "manifest.json"])
    }

    @Test func twoDumpsOfOneDatabaseAreRefused() async throws {
        try await workplace.takeExample("src-snapshot")
        try workplace.folder.copy(workplace.folder.file("src-snapshot/primary.sql"), to: "src-snapshot/pgsql.sql")
        for arguments in [
            ["verify"], ["upload", "-bucket=./bucket"], ["upload", "-bucket=./bucket", "-file=pgsql.sql"],
            ["upload", "-bucket=./bucket", "-file=primary.sql"],
        ] {
            let refused = try await workplace.run(BuiltPrograms.path("src-snapshot"), arguments)
            #expect(refused.exit == 4)
            #expect(
                refused.errors.contains(
                    "src-snapshot contains primary.sql and pgsql.sql, which are dumps of the same database."),
                "\(refused.errors)")
        }
        #expect(!workplace.folder.exists("bucket"))
        // The other databases' dumps are beyond doubt.
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket", "-file=codeintel.sql")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        try workplace.folder.remove("src-snapshot/primary.sql")
        let verified = try await workplace.snapshot("verify")
        #expect(verified.exit == 0, "\(verified.errors)")
        #expect(verified.errors.contains("src-snapshot/pgsql.sql: whole and unaltered"))
    }
}
