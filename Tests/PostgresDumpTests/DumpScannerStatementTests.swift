import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// Where statements end, and what is none.
@Suite struct DumpScannerStatementTests {
    /// Each is one statement, though it holds what looks like the end of one or the beginning of another.
    @Test(arguments: [
        #"SELECT 'a;b';"#, #"SELECT 'it''s; one';"#, #"SELECT 'ends in a backslash\';"#,
        #"SELECT E'a quote\'; and more';"#, #"SELECT e'a backslash\\';"#, #"SELECT E'\\\'; ' || 'x\';"#,
        "SELECT E'first\\'' -- ; '\n  'second\\'; third';", "SELECT E'first'\n\n'second\\';';",
        "SELECT E'first'\r'second\\';';", "SELECT 'first'\n'second\\';", "SELECT E'first' 'second\\';",
        "SELECT E'first' /* no continuation */\n'second\\';", #"SELECT U&'\0441\';"#, #"SELECT U&"d\0061t;a";"#,
        #"SELECT N'x\';"#, #"SELECT namE'x\';"#, #"SELECT "a;b", "say ""hi;""";"#, #"SELECT "E"'x\';"#, "SELECT $$;$$;",
        "SELECT $tag$ $$;$$ $ta$ $tag $tagg$ ; $tag$;", "SELECT $a$ $b$ ; $a$;", "SELECT $a$ $$a$;",
        "SELECT $ab$ ; $a$ab$;", "SELECT $é$;$é$;", "SELECT $_1$ $1$ ; $_1$;", "SELECT $$ $a$;$ $$;",
        "PREPARE p AS SELECT $1 + $2;", "SELECT a$$b, c$;", "SELECT 1$x$;$x$;", "SELECT /* ; */ 1;",
        "SELECT /* /* ; */ ; */ 1;", "SELECT /* ' */ ';' /* \" */;", "SELECT /*/*/ ; */ ; */ 1;",
        "SELECT /***/ 1 /**;**/;", "SELECT 1 //* ; */ 2;", "SELECT 1 -- ;\n;", "SELECT 1 -- ;\r;",
        "SELECT 1 -- it's\n;", "SELECT 1 - - 2 +-- ;\n 3;", "SELECT 4 / 2 * 1;",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b;);", "SELECT ((1);), ');';",
        "CREATE TABLE \"CREATE EXTENSION\" (\n\"DROP SCHEMA; --\" text\n);", "- 1;", "/1;",
    ])
    func isOneStatement(statement: String) {
        let scan = Scan("-- before; not one\n" + statement + "\n")
        #expect(scan.statements == [statement])
        #expect(scan.isBetweenStatements)
        for size in [1, 2, 7] { #expect(Scan("-- before; not one\n" + statement + "\n", .every(size)) == scan) }
    }

    @Test(arguments: [
        "BEGIN ATOMIC SELECT 1; SELECT 2; END;",
        "begin atomic SELECT CASE WHEN a THEN 'end;' ELSE CASE b WHEN 1 THEN 2 END END; SELECT 1; END;",
        "BEGIN ATOMIC\n SELECT 1 AS \"end\"; SELECT 'end', $$ end $$ /* end */; -- end\nEND;",
        "BEGIN ATOMIC SELECT (CASE); END;",
    ])
    func sqlBodyIsOneStatement(body: String) {
        for head in [
            "CREATE FUNCTION f() RETURNS int ", "CREATE OR REPLACE FUNCTION \"begin\"() ", "create procedure p() ",
        ] {
            #expect(Scan(head + body + "SELECT 1;").statements == [head + body, "SELECT 1;"])
        }
    }

    @Test func beginOutsideARoutineHoldsNothingTogether() {
        #expect(Scan("BEGIN; SELECT 1; END;").statements == ["BEGIN;", "SELECT 1;", "END;"])
        #expect(Scan("CREATE VIEW v AS SELECT begin; END;").statements == ["CREATE VIEW v AS SELECT begin;", "END;"])
        #expect(Scan("CREATE FUNCTION f(begin int) AS 'x'; END;").statements.count == 2)
    }

    @Test func functionBodyHidesWhatLooksLikeADump() throws {
        let body = """
            CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $_$
            BEGIN
            CREATE EXTENSION IF NOT EXISTS "pg_trgm";
            DROP SCHEMA IF EXISTS "public";
            INSERT INTO t VALUES ($$;$$);
            CREATE TABLE t (a int);
            COPY t (a) FROM stdin;
            1
            \\.
            \\connect template1
            -- PostgreSQL database dump complete
            END
            $_$;
            """
        let scan = Scan(body + "\nSELECT 1;\n")
        #expect(scan.statements == [body, "SELECT 1;"])
        #expect(scan.metaCommands.isEmpty)
        #expect(scan.rows.isEmpty)
    }

    @Test(arguments: [
        "/* COPY t FROM stdin; \n\\.\n /* ; */ \\! x\n*/", "-- COPY t FROM stdin;\n", "--\\connect x\r\n", "/* ' */",
        "\n\n ",
    ])
    func commentsBetweenStatementsAreGap(comment: String) {
        let scan = Scan("SELECT 1;" + comment + "SELECT 2;")
        #expect(scan.statements == ["SELECT 1;", "SELECT 2;"])
        #expect(scan.events.contains(.gap(SQLBytes(comment))))
        #expect(scan.metaCommands.isEmpty)
    }

    @Test func semicolonAloneIsAStatement() {
        #expect(Scan(";; SELECT 1;").statements == [";", ";", "SELECT 1;"])
    }

    @Test func positionsCountBytesAndLineFeeds() {
        let dump = "-- é\r\n\nSELECT 1;\r\n  SELECT\n'\n';\\restrict k\nCOPY t FROM stdin;\n1\n2\n\\.\nSELECT 3;"
        let scan = Scan(dump)
        let lines: [Int] = scan.events.compactMap {
            switch $0 {
            case .statement(_, let position), .meta(_, let position, _): position.line
            default: nil
            }
        }
        #expect(lines == [3, 4, 6, 7, 11])
        for case .statement(let statement, let position) in scan.events {
            #expect(Array(dump.utf8).dropFirst(Int(position.offset)).starts(with: statement.bytes))
        }
        #expect(scan.offset == dump.utf8.count)
        #expect(scan.line == 11)
    }

    @Test func nulByteBelongsToWhatItStandsIn() {
        #expect(Scan("SELECT 'a\0b';").statements == ["SELECT 'a\0b';"])
        #expect(Scan("-- a\0b\nSELECT 1;").statements == ["SELECT 1;"])
    }

    @Test(arguments: [
        ("SELECT 1", "a statement"), ("SELECT 'a;", "a quoted string"), ("SELECT \"a;", "a quoted identifier"),
        ("SELECT $a$;", "a dollar-quoted body"), ("SELECT $a$;$", "a dollar-quoted body"), ("/* ;", "a comment"),
        ("SELECT 1 /* ; *", "a comment"), ("SELECT (1;", "a statement"), ("-", "a statement"),
        ("SELECT E'\\", "a quoted string"),
        ("COPY t FROM stdin;", "the rows of a COPY"), ("COPY t FROM stdin;\n1\n\\.", "the rows of a COPY"),
        ("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", "a statement"),
    ])
    func openConstructIsNamed(dump: String, construct: String) {
        var scanner = DumpScanner()
        var visitor = RecordingVisitor()
        Chunking.whole.forEachChunk(of: Array(dump.utf8)) { scanner.scan($0, visitor: &visitor) }
        scanner.finish(visitor: &visitor)
        #expect(!scanner.isBetweenStatements)
        #expect(scanner.openConstruct == construct)
    }

    @Test(arguments: ["", "SELECT 1;", "SELECT 1;\n-- comment", "\\restrict x", "COPY t FROM stdin;\n\\.\n", "/* */"])
    func dumpMayEndBetweenStatements(dump: String) {
        #expect(Scan(dump).isBetweenStatements)
    }
}
