import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// What psql and the server read each in their own way would hide statements from the rules, so it is refused.
/// psql 11 to 18 were seen to run what `\!` stands for here.
@Suite struct AmbiguousTextTests {
    @Test(arguments: [
        "COMMENT ON TABLE t IS E'a'\n'b\\' \\! true\n';", "SELECT pg_catalog.setval(E'a' -- b\n\n  'c', 1);",
        "COMMENT ON TABLE t IS E'a'\r'b';", "ALTER TABLE t ALTER a SET DEFAULT 1e'\\' \\! true\n';",
        "COMMENT ON TABLE t IS 1.5E'a';", "COMMENT ON TABLE t IS 1.e'a';", "COMMENT ON TABLE t IS $1e'a';",
        "CREATE VIEW v AS SELECT a[1:E'\\' \\! true\n'];", "CREATE VIEW v AS SELECT a[1:2e'x'];",
        "CREATE VIEW v AS SELECT a[1:b$$ ; $$ \\! true\n];", "COMMENT ON EXTENSION x IS E'a'\n'b';",
        "ALTER TABLE t ALTER a SET DEFAULT 1e-- \\! true\n;",
    ])
    func isRefused(statement: String) {
        for chunking in [Chunking.whole, .every(1), .every(5)] {
            let rewritten = Rewritten(Array("SET lock_timeout = 0;\n\(statement)\n".utf8), .cloudSQL, chunking)
            #expect(rewritten.refusals.contains { $0.reason.contains("read this differently") })
            #expect(rewritten.refusals.allSatisfy { $0.position.line >= 2 })
            #expect(Scan(statement, chunking).ambiguities == Scan(statement).ambiguities)
        }
    }

    @Test(arguments: [
        "SELECT 'a'\n'b';", "SELECT E'a' 'b';", "SELECT E'a' /* */\n'b';", "SELECT U&'a'\n'b';", "SELECT 1 E'a';",
        "SELECT 1e5, 1e+20, 1.5E-7, 2e10;", "SELECT 1, E'a';", "SELECT 1e-5--;\n- 1--;\n;", "SELECT e--\n;",
        "SELECT (1)E'a';", "SELECT ae'a';", "SELECT a1e'a';", "SELECT \"a\"[1:\"n\"], a[1:n], a[m:2], a[:n], a[n:];",
        "SELECT 1::e, E'a'::text, 'a'::text'b';", "SELECT a[1:'2'::int];", "SELECT a[1:(E'2')::int];",
        "SELECT '1:E''a'''; SELECT E'a';\n'b';", "COPY t FROM stdin;\n1e'a'\n:E'\n\\.\n", "-- 1e'a'\n",
        "SELECT $$ 1e'a' $$;", "SELECT \"1e\"'a';",
    ])
    func isNot(dump: String) {
        #expect(Scan(dump).ambiguities.isEmpty)
        #expect(Scan(dump, .every(1)).ambiguities.isEmpty)
    }

    /// psql takes the word behind a `:` for a variable of its own, which opens no body and no string.
    @Test(arguments: ["begin", "E", "e5", "begin_", "é", "1begin"])
    func wordBehindAColonIsAVariable(word: String) {
        let statement = "CREATE FUNCTION f(begin int) RETURNS int LANGUAGE sql RETURN a[1:\(word)];"
        #expect(Scan(statement + "DROP TABLE t;").statements == [statement, "DROP TABLE t;"])
        #expect(Scan(statement + "DROP TABLE t;", .every(1)).statements == [statement, "DROP TABLE t;"])
    }

    @Test func typeBehindTwoColonsIsAWord() {
        let statement = "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1::begin; SELECT 2::end;"
        #expect(Scan(statement).statements == [statement])
    }

    /// psql sends these as one statement, of which the server makes several.
    @Test(arguments: [
        "SET a TO begin AS 'select 1'; DROP TABLE t; SELECT 1 AS end;", "RETURNS begin AS ''; COMMIT; end;",
        "SET a TO begin BEGIN ATOMIC SELECT 1; END; DROP TABLE t; END;", "BEGIN ATOMIC SELECT 1; DROP TABLE t; END;",
        "BEGIN ATOMIC SELECT t.case; END; INSERT INTO t VALUES (1); SELECT t.end;",
        "BEGIN ATOMIC SELECT t.case; END; DROP TABLE t; END;", "BEGIN SELECT 1; END;",
        "BEGIN ATOMIC SELECT t.case; END; END;", "BEGIN ATOMIC SELECT t.begin; SELECT 1; END; END;",
    ])
    func routineThatCarriesOtherStatementsIsRefused(rest: String) throws {
        let reason = "This statement contains other statements: the dump was changed after it was made."
        for head in ["CREATE FUNCTION f() LANGUAGE sql ", "CREATE OR REPLACE PROCEDURE p(a int, b text) LANGUAGE sql "]
        {
            try #require(Scan(head + rest).statements == [head + rest])
            #expect(verdict(head + rest) == .refuse(reason))
        }
    }

    @Test(arguments: [
        "BEGIN ATOMIC END;", "BEGIN ATOMIC SELECT 1; END;", "RETURN 1;", "AS $$ BEGIN; END; $$;",
        "BEGIN ATOMIC\n INSERT INTO t VALUES (1);\n UPDATE t SET a = CASE WHEN b THEN 1 END;\n DELETE FROM t;\nEND;",
        "BEGIN ATOMIC SELECT f(begin) FROM t; (SELECT 1 LIMIT 1) UNION SELECT 2; WITH a AS (SELECT 1) SELECT 2; END;",
    ])
    func routineWithABodyOfQueriesStays(rest: String) {
        #expect(verdict("CREATE FUNCTION f(a int DEFAULT 1) RETURNS int LANGUAGE sql " + rest) == .keep)
    }

    @Test func longRoutineWithInnerStatementsIsRefused() {
        let text = String(repeating: "x", count: DumpScanner.statementLimit)
        let head = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS '\(text)' SET a TO begin"
        for chunking in [Chunking.whole, .every(300_000)] {
            let hidden = Rewritten(Array("\(head); DROP TABLE t; SELECT 1 AS end;\n".utf8), .cloudSQL, chunking)
            #expect(hidden.refusals.count == 1)
            let plain = Rewritten(Array("\(head) end;\n".utf8), .cloudSQL, chunking)
            #expect(plain.refusals.isEmpty)
        }
    }
}
