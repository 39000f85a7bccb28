import FakeSourcegraph
import Foundation
import MigrationKit
import TestClusters
import Testing

/// Instances that do not have all three databases: old ones, and those whose code insights are switched off.
@Suite(.inTurn) struct AbsentDatabaseTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// The example, of which only the primary database is left, without a note of how it was dumped; and a summary of an
    /// instance of that release.
    private func keepPrimary(of release: String) async throws {
        try await workplace.takeExample("src-snapshot")
        for name in try workplace.folder.list("src-snapshot") where name != "primary.sql" {
            try workplace.folder.remove("src-snapshot/\(name)")
        }
        try await FakeSourcegraph.with(version: release) { instance in
            let access = ["SRC_ENDPOINT": instance.endpoint, "SRC_ACCESS_TOKEN": instance.token]
            let summary = try await workplace.snapshot("summary", environment: access)
            #expect(summary.exit == 0, "\(summary.errors)")
        }
    }

    private func manifest() throws -> SnapshotManifest {
        try JSONDecoder().decode(SnapshotManifest.self, from: workplace.folder.bytes("bucket/manifest.json"))
    }

    private func databases(_ options: String...) async throws -> Workplace.Finished {
        let source = workplace.postgres.source
        let name = "old-\(UUID().uuidString)"
        return try await source.withDatabase(name, "CREATE TABLE t (i int)") {
            try workplace.folder.write(
                "targets.yaml",
                """
                primary: { target: 127.0.0.1, port: \(source.port), dbname: \(name), username: \(source.superuser),
                           password: \(source.password) }
                """)
            return try await workplace.run(
                BuiltPrograms.path("src-snapshot"),
                ["databases", "pg_dump", "--targets=targets.yaml", "--run"] + options)
        }
    }

    @Test func databasesOfTheTargetsFileAreDumped() async throws {
        let dumped = try await databases()
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(dumped.errors.contains("warning: targets.yaml has no target for codeintel, codeinsights: not dumped."))
        #expect(try workplace.folder.list("src-snapshot").filter { $0.hasSuffix(".sql") } == ["primary.sql"])
    }

    @Test func databaseWithoutATargetCannotBeAskedFor() async throws {
        let refused = try await databases("--only=primary,codeintel")
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("--only asks for codeintel, but targets.yaml has no such target."))
        #expect(!workplace.folder.exists("src-snapshot"))
    }

    @Test(arguments: [("3.20.1", [Database.codeintel, .codeinsights]), ("3.24.0", [.codeinsights])])
    func oldReleaseIsWholeWithoutWhatItCannotHave(release: String, absent: [Database]) async throws {
        try await keepPrimary(of: release)
        if !absent.contains(.codeintel) {
            let refused = try await workplace.snapshot("upload", "-bucket=./bucket")
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("src-snapshot lacks codeintel.sql."), "\(refused.errors)")
            return
        }
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        #expect(uploaded.errors.contains("Sourcegraph \(release) has no codeintel and codeinsights"))
        #expect(uploaded.errors.contains("the snapshot is complete"))
        #expect(try manifest().absent == absent)
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(verified.exit == 0, "\(verified.errors)")
    }

    private func takeExample() async throws {
        if workplace.folder.exists("src-snapshot") { try workplace.folder.remove("src-snapshot") }
        try await workplace.takeExample("src-snapshot")
    }

    /// All but code insights, which are switched off.
    private func removeInsights() async throws {
        try await takeExample()
        for name in ["codeinsights.sql", "codeinsights.dump.json"] {
            try workplace.folder.remove("src-snapshot/\(name)")
        }
    }

    @Test func databaseThatIsSaidToBeAbsentIsNeitherAwaitedNorImported() async throws {
        try await removeInsights()
        let refused = try await workplace.snapshot("upload", "-bucket=./bucket")
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("add --without-database=codeinsights."), "\(refused.errors)")
        let uploaded = try await workplace.snapshot("upload", "-bucket=./bucket", "--without-database=codeinsights")
        #expect(uploaded.exit == 0, "\(uploaded.errors)")
        let target = workplace.target
        try await TargetDatabases.withAll {
            try await target.sql("DROP DATABASE IF EXISTS \"codeinsights-db\"")
            try await target.sql("CREATE DATABASE \"codeinsights-db\" OWNER \"sourcegraph-admin\"")
            try await target.sql("CREATE TABLE kept (i int)", in: "codeinsights-db")
            for command in ["import", "plan"] {
                let refused = try await workplace.migrate(
                    command, "--bucket=./bucket", "--into=\(workplace.into)", "--database=codeinsights",
                    command == "plan" ? "--output=plan.json" : "--yes")
                #expect(refused.exit == 2)
                #expect(refused.errors.contains("The instance had no codeinsights"), "\(refused.errors)")
            }
            let imported = try await workplace.migrate(
                "import", "--bucket=./bucket", "--into=\(workplace.into)", "--yes")
            #expect(imported.exit == 0, "\(imported.errors)")
            #expect(imported.errors.contains("The instance had no codeinsights"), "\(imported.errors)")
            #expect(try await target.sql("SELECT count(*) FROM users", in: "pgsql") != "0")
            #expect(try await target.sql("SELECT to_regclass('kept') IS NOT NULL", in: "codeinsights-db") == "t")
        }
        let rehearsed = try await workplace.migrate("rehearse", "--bucket=./bucket", "--database=codeinsights")
        #expect(rehearsed.exit != 0)
        #expect(rehearsed.output.contains("has no codeinsights.sql"), "\(rehearsed.output)")
    }

    @Test func whatIsThereIsNotAbsentAnyMore() async throws {
        try await removeInsights()
        let first = try await workplace.snapshot("upload", "-bucket=./bucket", "--without-database=codeinsights")
        #expect(first.exit == 0, "\(first.errors)")
        #expect(try manifest().absent == [.codeinsights])
        try await takeExample()
        let second = try await workplace.snapshot("upload", "-bucket=./bucket", "-file=primary.sql,codeintel.sql")
        #expect(second.errors.contains("Still to be uploaded: codeinsights.sql."), "\(second.errors)")
        #expect(try manifest().absent == nil)
        let third = try await workplace.snapshot("upload", "-bucket=./bucket")
        #expect(third.exit == 0, "\(third.errors)")
        try await removeInsights()
        let contradiction = try await workplace.snapshot(
            "upload", "-bucket=./bucket", "-file=primary.sql", "--without-database=codeinsights")
        #expect(contradiction.exit == 2)
        #expect(contradiction.errors.contains("./bucket has a dump of codeinsights"), "\(contradiction.errors)")
        #expect(!contradiction.errors.contains("primary.sql: "), "\(contradiction.errors)")
    }

    @Test func databaseThatCannotBeSwitchedOffIsMissed() async throws {
        try await keepPrimary(of: "5.1.8")
        let refused = try await workplace.snapshot(
            "upload", "-bucket=./bucket", "--without-database=codeintel,codeinsights")
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("Sourcegraph 5.1.8 always has a database codeintel"), "\(refused.errors)")
    }

    @Test func dumpOfWhatIsSaidToBeAbsentIsAContradiction() async throws {
        try await workplace.takeExample("src-snapshot")
        let refused = try await workplace.snapshot("upload", "-bucket=./bucket", "--without-database=codeinsights")
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("src-snapshot/codeinsights.sql is there"), "\(refused.errors)")
        #expect(!workplace.folder.exists("bucket"))
        let primary = try await workplace.snapshot("upload", "-bucket=./bucket", "--without-database=primary")
        #expect(primary.exit == 2)
    }
}
