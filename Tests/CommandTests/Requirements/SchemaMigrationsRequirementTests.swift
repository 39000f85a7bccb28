import MigrationKit
import TestClusters
import Testing

/// What the bookkeeping of schema migrations comes to, in all its shapes.
@Suite(.inTurn) struct SchemaMigrationsRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    struct Shape: Sendable, CustomTestStringConvertible {
        var name: String
        var sql: String
        var verdict: Finding.Verdict = .pass
        /// Some of what is said about it.
        var reason = ""

        var testDescription: String { name }
    }

    private static func log(
        _ version: Int, _ success: String, up: Bool = true, at day: Int = 1, ended: Bool = true,
        backfilled: Bool = false
    ) -> String {
        """
        INSERT INTO migration_logs (version, success, up, started_at, finished_at, backfilled)
        VALUES (\(version), \(success), \(up), timestamptz '2024-01-01' + interval '\(day) days',
            \(ended ? "now()" : "NULL"), \(backfilled));
        """
    }

    static let shapes = [
        Shape(name: "all well", sql: BookkeepingSQL.migrationLogs, reason: "succeeded (schema_migrations)."),
        Shape(
            name: "failed", sql: BookkeepingSQL.migrationLogs + log(7, "false"), verdict: .fail,
            reason: "(failed: 7 of schema_migrations)"),
        Shape(
            name: "pending", sql: BookkeepingSQL.migrationLogs + log(7, "NULL", ended: false), verdict: .fail,
            reason: "(started but not finished: 7 of schema_migrations)"),
        Shape(
            name: "failed, then well",
            sql: BookkeepingSQL.migrationLogs + log(7, "true", at: 2) + log(7, "false", at: 1)),
        Shape(
            name: "well, then failed", sql: BookkeepingSQL.migrationLogs + log(7, "true") + log(7, "false", at: 2),
            verdict: .fail, reason: "failed: 7"),
        Shape(
            name: "failed downgrade",
            sql: BookkeepingSQL.migrationLogs + log(7, "true") + log(7, "false", up: false, at: 2)),
        Shape(
            name: "pending downgrade",
            sql: BookkeepingSQL.migrationLogs + log(7, "true") + log(7, "NULL", up: false, at: 2, ended: false),
            verdict: .fail, reason: "not finished: 7"),
        Shape(
            name: "made-up rows count least",
            sql: BookkeepingSQL.migrationLogs + log(7, "false") + log(7, "true", at: 2, backfilled: true),
            verdict: .fail,
            reason: "failed: 7"),
        Shape(
            name: "without the column of made-up rows",
            sql: BookkeepingSQL.migrationLogs + "ALTER TABLE migration_logs DROP backfilled;"
                + "INSERT INTO migration_logs (version, success) VALUES (9, false)", verdict: .fail,
            reason: "failed: 9"),
        Shape(
            name: "many", sql: BookkeepingSQL.migrationLogs + (11...19).map { log($0, "false") }.joined(),
            verdict: .fail,
            reason: "15 of schema_migrations and 4 more)"),
        Shape(
            name: "golang-migrate", sql: BookkeepingSQL.golangMigrate, reason: "succeeded (schema_migrations)."),
        Shape(
            name: "golang-migrate, dirty",
            sql: BookkeepingSQL.golangMigrate + "UPDATE schema_migrations SET dirty = true", verdict: .fail,
            reason: "(dirty: 1528395834 of schema_migrations)"),
        Shape(
            name: "dirty leftover",
            sql: BookkeepingSQL.migrationLogs + BookkeepingSQL.golangMigrate
                + "UPDATE schema_migrations SET dirty = true"),
        Shape(
            name: "dirty table of a schema that the logs do not know",
            sql: BookkeepingSQL.migrationLogs
                + "CREATE TABLE codeintel_schema_migrations (version bigint, dirty boolean);"
                + "INSERT INTO codeintel_schema_migrations VALUES (5, true)", verdict: .fail,
            reason: "(dirty: 5 of codeintel_schema_migrations)"),
        Shape(
            name: "empty tables",
            sql: BookkeepingSQL.migrationLogs + BookkeepingSQL.golangMigrate
                + "DELETE FROM migration_logs; DELETE FROM schema_migrations", verdict: .warn,
            reason: "No table records schema migrations."),
        Shape(
            name: "in a schema of its own",
            sql: "CREATE SCHEMA \"s'g\"; SET search_path = \"s'g\";" + BookkeepingSQL.migrationLogs + log(7, "false"),
            verdict: .fail, reason: "failed: 7"),
        Shape(
            name: "another of Sourcegraph's databases",
            sql: BookkeepingSQL.migrationLogs + "UPDATE migration_logs SET schema = 'codeintel_schema_migrations'",
            verdict: .fail, reason: "the migrations of codeintel_schema_migrations, not of schema_migrations."),
        Shape(
            name: "a hostile name",
            sql: BookkeepingSQL.migrationLogs
                + "UPDATE migration_logs SET success = false, schema = E'x\\x1b[2J\"}|\\n'",
            verdict: .fail, reason: #"1 of x\u{1b}[2J"}|\u{a}"#),
        Shape(
            name: "other columns", sql: "CREATE TABLE migration_logs (id integer)", verdict: .fail,
            reason: "Reading the migrations of primary failed"),
    ]

    @Test(arguments: shapes) func shapeIsUnderstood(shape: Shape) async throws {
        let told = try await place.check(shape.sql)["schema-migrations"]
        #expect(told.map(\.verdict) == [shape.verdict], "\(told)")
        #expect(told.reason.contains(shape.reason), "\(told)")
        #expect((told.remedy.isEmpty) == (shape.verdict == .pass) || shape.name == "other columns")
    }
}
