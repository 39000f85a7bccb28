import MigrationKit
import TestClusters
import Testing

/// What is changed on the server between load and proof is found, and named.
@Suite(.inTurn) struct ProofTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sql: String
        /// What is said of it, without the database's name.
        var difference: String

        init(_ name: String, _ sql: String, _ difference: String) {
            testDescription = name
            self.sql = sql
            self.difference = difference
        }
    }

    static let changes = [
        Change(
            "one changed value", "UPDATE people SET name = 'Grace ' WHERE name = 'Grace'",
            "people has the dumped number of rows, 5, but different content."),
        Change(
            "values of two rows swapped",
            "UPDATE people SET name = CASE name WHEN 'Ada' THEN 'Grace' ELSE 'Ada' END WHERE name IN ('Ada', 'Grace')",
            "people has the dumped number of rows, 5, but different content."),
        Change(
            "NULL for an empty text", "UPDATE audit.notes SET body = NULL WHERE body = ''",
            "audit.notes has the dumped number of rows, 5, but different content."),
        Change(
            "a microsecond", "UPDATE visits SET \"when\" = \"when\" + interval '1 microsecond' WHERE weight = 1",
            "visits has the dumped number of rows, 50, but different content."),
        Change(
            "the last bit of a float", "UPDATE visits SET weight = 1.0000000000000002 WHERE weight = 1",
            "visits has the dumped number of rows, 50, but different content."),
        Change(
            "one missing row", "DELETE FROM visits WHERE weight = 1", "visits has 49 rows; 50 were dumped."),
        Change(
            "one doubled row", "INSERT INTO audit.notes VALUES ('once')", "audit.notes has 6 rows; 5 were dumped."),
        Change(
            "one row in place of another",
            "DELETE FROM audit.notes WHERE body = 'once'; INSERT INTO audit.notes VALUES ('twice')",
            "audit.notes has the dumped number of rows, 5, but different content."),
        Change(
            "a row in an empty table", "INSERT INTO nobody_came VALUES (1)", "nobody_came has 1 rows; 0 were dumped."),
        Change("no rows at all", "DELETE FROM audit.notes", "audit.notes has 0 rows; 5 were dumped."),
        Change("an extra table", "CREATE TABLE audit.extra ()", "audit.extra is on the server, but not in the dump."),
        Change("a missing table", "DROP TABLE nobody_came", "nobody_came is missing or has different columns."),
        Change("a renamed table", "ALTER TABLE visits RENAME TO visit", "visits is missing or has different columns."),
        Change(
            "a renamed column", "ALTER TABLE visits RENAME weight TO mass",
            "visits is missing or has different columns."),
        Change(
            "a sequence one behind", "SELECT setval('people_id_seq', 4)",
            "The sequence people_id_seq is at 4; 5 was dumped."),
        Change(
            "a sequence that would give its last number again", "SELECT setval('audit.tickets', 1000, false)",
            "The sequence audit.tickets is at 1000 (not used yet); 1000 was dumped."),
        Change(
            "a sequence called for the first time", "SELECT nextval('audit.never_called')",
            "The sequence audit.never_called is at 7; 7 (not used yet) was dumped."),
        Change(
            "a missing sequence", "DROP SEQUENCE audit.tickets",
            "The sequence audit.tickets is missing; 1000 was dumped."),
    ]

    @Test(arguments: changes)
    func changeIsFound(change: Change) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(
                    of: database,
                    afterLoad: { try await workplace.postgres.target.sql(change.sql, in: database.importedName) })
            }
            #expect(error.code == .proofFailed)
            #expect(error.message == "\(workplace.serverName) does not hold what was dumped.")
            #expect(error.details.contains("\(database.importedName): \(change.difference)"), "\(error.details)")
        }
    }

    @Test func everyDifferenceIsNamed() async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(
                    of: database,
                    afterLoad: {
                        try await workplace.postgres.target.sql(
                            "DELETE FROM visits; DROP TABLE nobody_came; CREATE TABLE b (); CREATE TABLE a ()",
                            in: database.importedName)
                    })
            }
            let name = database.importedName
            #expect(
                error.details == [
                    "\(name): nobody_came is missing or has different columns.",
                    "\(name): visits has 0 rows; 50 were dumped.", "\(name): a is on the server, but not in the dump.",
                    "\(name): b is on the server, but not in the dump.",
                ])
        }
    }

    static let harmless = [
        "CREATE TABLE moved AS SELECT * FROM audit.notes ORDER BY body DESC NULLS FIRST; DELETE FROM audit.notes;"
            + " INSERT INTO audit.notes SELECT * FROM moved; DROP TABLE moved",
        "UPDATE visits SET weight = weight",
        "CREATE INDEX backwards ON visits (\"when\" DESC); CLUSTER visits USING backwards",
        "ALTER DATABASE current SET datestyle = 'German'",
        "ALTER DATABASE current SET extra_float_digits = 0",
        "ALTER DATABASE current SET bytea_output = 'escape'",
        "ALTER DATABASE current SET timezone = 'Asia/Tokyo'",
        "ALTER DATABASE current SET client_encoding = 'LATIN1'",
        "ALTER DATABASE current SET search_path = 'audit'",
        "ALTER DATABASE current SET statement_timeout = '20ms'",
    ]

    @Test(arguments: harmless)
    func orderAndSettingsMakeNoDifference(sql: String) async throws {
        try await TargetDatabases.withOne { database in
            try await workplace.upload(SmallDump.text, as: database)
            let name = "\"\(database.importedName)\""
            let change = sql.split(separator: " current ").joined(separator: " \(name) ")
            let proofs = try await workplace.importSnapshot(
                of: database,
                afterLoad: { try await workplace.postgres.target.sql(change, in: database.importedName) })
            #expect(proofs.map(\.differences) == [[]])
            #expect(proofs.map(\.countsOnly) == [false])
            #expect(proofs.first?.tables.map(\.dumped) == [5, 0, 5, 50])
        }
    }
}
