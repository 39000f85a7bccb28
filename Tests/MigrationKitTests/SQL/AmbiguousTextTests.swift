import Testing

@testable import MigrationKit

/// What psql and the server read each in their own way would hide statements from the rules, so it is refused.
/// psql 11 to 18 were seen to run what `\!` stands for here.
@Suite struct AmbiguousTextTests {
    /// psql sends these as one statement, of which the server makes several.
    @Test(arguments: [
        "SET a TO begin AS 'select 1'; DROP TABLE t; SELECT 1 AS end;", "RETURNS begin AS ''; COMMIT; end;",
        "SET a TO begin BEGIN ATOMIC SELECT 1; END; DROP TABLE t; END;", "BEGIN ATOMIC SELECT 1; DROP TABLE t; END;",
        "BEGIN ATOMIC SELECT t.case; END; INSERT INTO t VALUES (1); SELECT t.end;",
        "BEGIN ATOMIC SELECT t.case; END; DROP TABLE t; END;", "BEGIN SELECT 1; END;",
        "BEGIN ATOMIC SELECT t.case; END; END;", "BEGIN ATOMIC SELECT t.begin; SELECT 1; END; END;",
    ])
    func routineThatCarriesOtherStatementsIsRefused(rest: String) throws {
        let reason = "Other statements stand inside this one: the dump was changed after it was made."
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
}
