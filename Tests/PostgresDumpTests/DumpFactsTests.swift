import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// What a dump tells of itself.
@Suite struct DumpFactsTests {
    @Test(arguments: [
        ("CREATE EXTENSION IF NOT EXISTS \"citext\" WITH SCHEMA \"public\";", "citext", "public"),
        ("CREATE EXTENSION pg_trgm;", "pg_trgm", nil),
        ("CREATE EXTENSION \"uuid-ossp\" SCHEMA pg_catalog VERSION '1.1';", "uuid-ossp", "pg_catalog"),
    ])
    func extensionIsNoted(statement: String, name: String, schema: String?) {
        let expected = [RequiredExtension(name: name, schema: schema)]
        #expect(Rewritten(statement + "\n").contents.extensions == expected)
        #expect(Rewritten("-- \(statement)\n").contents.extensions == expected)
        #expect(Rewritten("SET a = 1;\n  --\(statement)\r\n").contents.extensions == expected)
    }

    @Test func extensionNamedTwiceIsNotedOnce() {
        let dump = "CREATE EXTENSION a;\n-- CREATE EXTENSION a;\nCREATE EXTENSION b;\nDROP EXTENSION c;"
        #expect(Rewritten(dump).contents.extensions.map(\.name) == ["a", "b"])
    }

    @Test func plpgsqlIsThereAnyway() {
        #expect(Rewritten("CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;").contents.extensions.isEmpty)
        #expect(Rewritten("CREATE LANGUAGE plpgsql;").contents.extensions.isEmpty)
    }

    @Test(arguments: [
        "-- Name: EXTENSION citext; Type: COMMENT; Schema: -; Owner: -\n", "-- CREATE EXTENSION citext\n",
        "-- DROP EXTENSION citext;\n", "-- see CREATE EXTENSION citext;\n", "SELECT 1 -- CREATE EXTENSION citext;\n;",
        "SELECT 'x\n-- CREATE EXTENSION citext;\n';", "COPY t FROM stdin;\n-- CREATE EXTENSION citext;\n\\.\n",
        "CREATE FUNCTION f() AS $$\n-- CREATE EXTENSION citext;\n$$;",
    ])
    func otherTextNamesNoExtension(dump: String) {
        #expect(Rewritten(dump).contents.extensions.isEmpty)
    }

    @Test func commentBehindAStatementThatGoesOutIsReadForAnyChunks() {
        let dump = "DROP EXTENSION a; -- CREATE EXTENSION b;\n-- CREATE EXTENSION c;\n"
        for cut in 0...dump.utf8.count {
            #expect(Rewritten(dump, .cloudSQL, .cut(cut)).contents.extensions.map(\.name) == ["b", "c"])
        }
    }

    @Test(arguments: [
        ("SELECT pg_catalog.setval('\"public\".\"a_id_seq\"', 42, true);", "public", "a_id_seq", 42, true),
        ("SELECT pg_catalog.setval('public.a_id_seq', 42, false);", "public", "a_id_seq", 42, false),
        ("SELECT pg_catalog.setval('audit.\"Q\"\"; x\"', -7, true);", "audit", "Q\"; x", -7, true),
        ("SELECT pg_catalog.setval('\"it''s\".\"a.b\"', 1, false);", "it's", "a.b", 1, false),
        ("SELECT setval('s', 9);", "public", "s", 9, true),
        ("SELECT pg_catalog.setval('s', 9223372036854775807, true);", "public", "s", Int64.max, true),
        ("SELECT pg_catalog.setval('s', -9223372036854775808, false);", "public", "s", Int64.min, false),
    ])
    func sequenceIsNoted(statement: String, schema: String, name: String, value: Int64, isCalled: Bool) {
        let expected = SequenceState(
            sequence: TableName(schema: schema, name: name), lastValue: value, isCalled: isCalled)
        #expect(Rewritten(statement).contents.sequences == [expected])
    }

    @Test(arguments: [
        "SELECT pg_catalog.set_config('search_path', '', false);", "CREATE VIEW v AS SELECT setval('s', 1, true);",
        "-- SELECT pg_catalog.setval('s', 1, true);\n", "SELECT pg_catalog.setval('s', x, true);",
    ])
    func otherStatementsNameNoSequence(statement: String) {
        #expect(Rewritten(statement).contents.sequences.isEmpty)
    }

    @Test func tablesAreNotedInTheDumpsOrder() throws {
        let dump =
            SQLDumps.copy("b.\"T; x\" (\"a, b\", c)", "1\t2") + SQLDumps.copy("\"public\".a  ")
            + SQLDumps.copy("z", "", "")
        let tables = Rewritten(dump).contents.tables
        #expect(
            tables.map(\.table) == [
                TableName(schema: "b", name: "T; x"), TableName(schema: "public", name: "a"),
                TableName(schema: "public", name: "z"),
            ])
        #expect(tables.map(\.columns) == [["a, b", "c"], [], []])
        #expect(tables.map(\.rows) == [1, 0, 2])
        #expect(Rewritten(dump).contents.rows == 3)
    }

    @Test func digestIsThatOfTheRows() throws {
        var digest = ContentDigest()
        for row in ["1\tone", "", "2\t\\N"] { Array(row.utf8).withUnsafeBytes { digest.add(row: $0) } }
        for chunking in [Chunking.whole, .every(1), .every(5)] {
            let dump = Array(SQLDumps.copy("t (a, b)", "1\tone", "", "2\t\\N").utf8)
            let table = try #require(Rewritten(dump, .cloudSQL, chunking).contents.tables.first)
            #expect(table.rows == 3)
            #expect(table.digest == digest.hexSum)
        }
    }

    @Test func windowsLineEndsDoNotChangeADigest() {
        let dump = SQLDumps.copy("t (a)", "1", "", "x\\r")
        let windows = dump.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        #expect(Rewritten(windows).contents.tables == Rewritten(dump).contents.tables)
        #expect(Rewritten(Array(windows.utf8), .cloudSQL, .every(1)).contents.tables == Rewritten(dump).contents.tables)
    }

    @Test func tableThatDoesNotEndIsNotNoted() {
        #expect(Rewritten("COPY t FROM stdin;\n1\n").contents.tables.isEmpty)
    }
}
