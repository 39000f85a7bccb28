import DumpSamples
import Testing

@testable import MigrationKitPostgresDump

/// How a statement goes out.
@Suite struct DumpRewriterTests {
    @Test func eachLineOfAStatementIsCommentedOut() {
        let rewritten = Rewritten("SELECT 1;\nCOMMENT ON EXTENSION x IS 'a\n\n-- b\n';\nSELECT 2;\n")
        #expect(rewritten.text == "SELECT 1;\n-- COMMENT ON EXTENSION x IS 'a\n-- \n-- -- b\n-- ';\nSELECT 2;\n")
    }

    @Test func rewriteSaysWhatWentOutAndWhere() {
        let rewritten = Rewritten("SET lock_timeout = 0;\n  DROP EXTENSION\n x;\n")
        let expected = Rewrite(
            rule: .extension, position: DumpPosition(offset: 24, line: 2), length: 18, statement: "DROP EXTENSION\n x;")
        #expect(rewritten.rewrites == [expected])
        #expect(rewritten.text == "SET lock_timeout = 0;\n  -- DROP EXTENSION\n--  x;\n")
    }

    @Test func carriageReturnAloneEndsACommentSoAMarkFollows() {
        let rewritten = Rewritten("COMMENT ON EXTENSION x IS 'a\rDROP TABLE t;\r\nb\n\rc\r\r\n';\n")
        #expect(
            rewritten.text
                == "-- COMMENT ON EXTENSION x IS 'a\r-- DROP TABLE t;\r\n-- b\n-- \r-- c\r-- \r\n-- ';\n")
        #expect(Rewritten(rewritten.text).rewrites.isEmpty)
        #expect(Scan(rewritten.text).statements.isEmpty)
    }

    @Test func windowsLineEndsStay() {
        let rewritten = Rewritten("\\restrict k\r\nGRANT ALL\r\n TO x;\r\nSELECT pg_catalog.setval('s', 1);\r\n")
        #expect(
            rewritten.text
                == "-- \\restrict k\r\n-- GRANT ALL\r\n--  TO x;\r\nSELECT pg_catalog.setval('s', 1);\r\n")
    }

    @Test func statementBehindOneThatGoesOutGetsALineOfItsOwn() {
        let rewritten = Rewritten("DROP EXTENSION x; \tSET lock_timeout = 0;\n")
        #expect(rewritten.text == "-- DROP EXTENSION x; \t\nSET lock_timeout = 0;\n")
        #expect(rewritten.rewrites.map(\.addsLineEnd) == [true])
    }

    @Test func twoThatGoOutOnOneLineGetALineEach() {
        let rewritten = Rewritten("DROP EXTENSION x;GRANT a TO b; -- why\nDROP EXTENSION y;\n")
        #expect(rewritten.text == "-- DROP EXTENSION x;\n-- GRANT a TO b; \n-- why\n-- DROP EXTENSION y;\n")
        #expect(rewritten.rewrites.map(\.addsLineEnd) == [true, true, false])
    }

    @Test func blockCommentBehindAStatementThatGoesOutIsNotCutOff() {
        let rewritten = Rewritten("DROP EXTENSION x; /* a\n b */ SET lock_timeout = 0;\n")
        #expect(rewritten.text == "-- DROP EXTENSION x; \n/* a\n b */ SET lock_timeout = 0;\n")
    }

    @Test func metaCommandBehindAStatementThatGoesOutGetsALineOfItsOwn() {
        let rewritten = Rewritten("GRANT a TO b; \\connect x\nSET lock_timeout = 0;\n")
        #expect(rewritten.text == "-- GRANT a TO b; \n-- \\connect x\nSET lock_timeout = 0;\n")
        #expect(rewritten.rewrites.map(\.addsLineEnd) == [true, false])
    }

    @Test func statementBehindOthersOnItsLineIsCommentedOutFromItsBeginning() {
        let rewritten = Rewritten("SET lock_timeout = 0; DROP EXTENSION x;\n")
        #expect(rewritten.text == "SET lock_timeout = 0; -- DROP EXTENSION x;\n")
        #expect(rewritten.rewrites.map(\.addsLineEnd) == [false])
    }

    @Test func longStatementTextIsCut() throws {
        let rewritten = Rewritten("COMMENT ON EXTENSION x IS '\(String(repeating: "é", count: 400))';")
        let statement = try #require(rewritten.rewrites.first?.statement)
        #expect(statement.count == Rewrite.statementTextLimit + 1)
        #expect(statement.hasPrefix("COMMENT ON EXTENSION x IS 'é"))
        #expect(statement.hasSuffix("é…"))
    }

    @Test func refusedStatementStaysAsItIs() throws {
        let dump = "SET lock_timeout = 0;\nINSERT INTO t VALUES (1);\n"
        let rewritten = Rewritten(dump)
        #expect(rewritten.text == dump)
        let refusal = try #require(rewritten.refusals.first)
        #expect(rewritten.refusals.count == 1)
        #expect(refusal.position == DumpPosition(offset: 22, line: 2))
        #expect(refusal.statement == "INSERT INTO t VALUES (1);")
    }

    @Test func refusalsAreCountedUpToAHundred() {
        #expect(Rewritten(String(repeating: "INSERT INTO t VALUES (1);\n", count: 150)).refusals.count == 100)
    }

    @Test func profileNoneChangesNothingButStillRefusesAndGathersFacts() throws {
        let body = "DROP EXTENSION x; GRANT a TO b;\nINSERT INTO t VALUES (1);\nCREATE EXTENSION citext;\n"
        let dump = SQLDumps.whole(body + SQLDumps.copy("t (a)", "1"), restrictKey: "k")
        let passed = try Passed(dump, .none)
        #expect(passed.text == dump)
        #expect(passed.report.contents.rewrites.isEmpty)
        #expect(passed.report.contents.extensions.map(\.name) == ["citext"])
        #expect(passed.report.contents.tables.map(\.rows) == [1])
        #expect(passed.report.refusals.map(\.statement) == ["INSERT INTO t VALUES (1);"])
    }
}
