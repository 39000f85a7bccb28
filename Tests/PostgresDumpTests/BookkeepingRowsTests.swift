import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// The tables that tell Sourcegraph's version and the state of its schema migrations.
@Suite struct BookkeepingRowsTests {
    private static let logs =
        "migration_logs (id, migration_logs_schema_version, schema, version, up, started_at, finished_at, success,"
        + " error_message, backfilled)"

    private func contents(_ parts: String...) -> DumpContents { Rewritten(parts.joined()).contents }

    /// A row of migration_logs.
    private static func log(
        _ id: Int, _ version: Int, up: Bool = true, success: String = "t", schema: String = "schema_migrations"
    ) -> String {
        "\(id)\t2\t\(schema)\t\(version)\t\(up ? "t" : "f")\t2023-01-01\t\\N\t\(success)\t\\N\tf"
    }

    private static func logs(_ rows: String...) -> String {
        "COPY \(logs) FROM stdin;\n" + rows.map { $0 + "\n" }.joined() + "\\.\n"
    }

    // MARK: versions

    @Test func versionIsThatOfTheFrontend() {
        let rows = SQLDumps.copy(
            "\"public\".\"versions\" (service, version, updated_at, first_version)", "gitserver\t1.0.0\tx\t0",
            "frontend\t5.1.8\t2023-08-14\t3.43.2")
        #expect(contents(rows).sourcegraphVersion == "5.1.8")
    }

    @Test func versionIsFoundWhateverTheColumnsOrder() {
        #expect(contents(SQLDumps.copy("versions (version, service)", "6.0.0\tfrontend")).sourcegraphVersion == "6.0.0")
    }

    @Test func databaseWithoutAFrontendHasNoVersion() {
        #expect(contents(SQLDumps.copy("versions (service, version)", "other\t1")).sourcegraphVersion == nil)
        #expect(contents(SQLDumps.copy("versions (service, version)", "frontend\t\\N")).sourcegraphVersion == nil)
        #expect(contents(SQLDumps.copy("my_versions (service, version)", "frontend\t1")).sourcegraphVersion == nil)
    }

    @Test func anotherTableOfThatNameDoesNotHideTheVersion() {
        let ours = SQLDumps.copy("public.versions (service, version)", "frontend\t5.1.8")
        let theirs = SQLDumps.copy("zoo.versions (id)", "1")
        #expect(contents(ours, theirs).sourcegraphVersion == "5.1.8")
    }

    @Test func rowsAreReadForAnyChunks() {
        let dump = Array(SQLDumps.copy("versions (service, version)", "frontend\t5.1.8").utf8)
        for cut in 0...dump.count {
            #expect(Rewritten(dump, .cloudSQL, .cut(cut)).contents.sourcegraphVersion == "5.1.8")
        }
    }

    /// What is beyond any real table's size is not kept, and is the same for any chunks.
    @Test func hugeRowIsNotKept() {
        let huge = String(repeating: "x", count: 5 << 20)
        let dump = Array(SQLDumps.copy("versions (service, version)", "a\t\(huge)", "frontend\t5.1.8").utf8)
        for chunking in [Chunking.whole, .every(1 << 20), .every(3 << 20)] {
            #expect(Rewritten(dump, .cloudSQL, chunking).contents.sourcegraphVersion == nil)
        }
    }

    // MARK: migration_logs

    @Test func finishedMigrationsAreApplied() {
        let state = SchemaMigrationState(schema: "schema_migrations", applied: 2, unfinished: [])
        #expect(contents(Self.logs(Self.log(1, 100), Self.log(2, 200))).migrations == [state])
    }

    @Test(arguments: ["f", "\\N"])
    func failedAndPendingMigrationsAreUnfinished(success: String) {
        let dump = Self.logs(Self.log(1, 100), Self.log(2, 300, success: success), Self.log(3, 200, success: success))
        let state = SchemaMigrationState(schema: "schema_migrations", applied: 1, unfinished: ["200", "300"])
        #expect(contents(dump).migrations == [state])
    }

    @Test func latestLogOfAVersionCounts() {
        let fixed = Self.logs(Self.log(10, 100), Self.log(9, 100, success: "f"))
        #expect(contents(fixed).migrations.map(\.unfinished) == [[]])
        let broken = Self.logs(Self.log(9, 100), Self.log(10, 100, success: "f"))
        #expect(contents(broken).migrations.map(\.unfinished) == [["100"]])
    }

    @Test func failedDowngradeLeavesTheMigrationApplied() {
        let dump = Self.logs(Self.log(1, 100), Self.log(2, 100, up: false, success: "f"))
        #expect(
            contents(dump).migrations == [SchemaMigrationState(schema: "schema_migrations", applied: 1, unfinished: [])]
        )
    }

    @Test func pendingDowngradeIsUnfinished() {
        let dump = Self.logs(Self.log(1, 100), Self.log(2, 100, up: false, success: "\\N"))
        #expect(contents(dump).migrations.map(\.unfinished) == [["100"]])
    }

    @Test func downgradedMigrationIsNotApplied() {
        let dump = Self.logs(Self.log(1, 100), Self.log(2, 200), Self.log(3, 200, up: false))
        #expect(
            contents(dump).migrations == [SchemaMigrationState(schema: "schema_migrations", applied: 1, unfinished: [])]
        )
    }

    @Test func eachSchemaHasItsState() {
        let dump = Self.logs(
            Self.log(1, 100, schema: "codeintel_schema_migrations"), Self.log(2, 100, success: "f"))
        #expect(
            contents(dump).migrations == [
                SchemaMigrationState(schema: "codeintel_schema_migrations", applied: 1, unfinished: []),
                SchemaMigrationState(schema: "schema_migrations", applied: 0, unfinished: ["100"]),
            ])
    }

    @Test func emptyLogsTellNothing() {
        #expect(contents(Self.logs()).migrations.isEmpty)
    }

    // MARK: The older schema_migrations

    @Test(arguments: ["schema_migrations", "codeintel_schema_migrations", "codeinsights_schema_migrations"])
    func olderTableTellsItsState(table: String) {
        let clean = SQLDumps.copy("\"public\".\"\(table)\" (\"version\", \"dirty\")", "1528395834\tf")
        #expect(contents(clean).migrations == [SchemaMigrationState(schema: table, applied: 1, unfinished: [])])
        let dirty = SQLDumps.copy("\(table) (version, dirty)", "1528395834\tt")
        #expect(
            contents(dirty).migrations == [SchemaMigrationState(schema: table, applied: 0, unfinished: ["1528395834"])])
        #expect(contents(SQLDumps.copy("\(table) (version, dirty)")).migrations.isEmpty)
    }

    /// pg_dump sorts tables by name, so a leftover may stand on either side.
    @Test(arguments: ["schema_migrations", "codeintel_schema_migrations"])
    func leftoverIsSilentBesideLogs(schema: String) {
        let leftover = SQLDumps.copy("\(schema) (version, dirty)", "1528395834\tt")
        let logs = Self.logs(Self.log(1, 100, schema: schema))
        let state = SchemaMigrationState(schema: schema, applied: 1, unfinished: [])
        #expect(contents(logs, leftover).migrations == [state])
        #expect(contents(leftover, logs).migrations == [state])
    }
}
