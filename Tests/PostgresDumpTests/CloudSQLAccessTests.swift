import Testing

@testable import MigrationKitPostgresDump

/// What reaches beyond the database: other servers, roles, every statement, the session.
@Suite struct CloudSQLAccessTests {
    private func verdict(_ statement: String) -> Verdict {
        CloudSQLRules.verdict(Array(statement.utf8).withUnsafeBytes { SQLToken.tokens(of: $0) })
    }

    private func isRefused(_ statement: String) -> Bool {
        if case .refuse = verdict(statement) { true } else { false }
    }

    @Test(arguments: [
        "CREATE PUBLICATION \"p\" FOR ALL TABLES WITH (publish = 'insert');",
        "ALTER PUBLICATION \"p\" ADD TABLE ONLY \"public\".\"t\";", "DROP PUBLICATION IF EXISTS \"p\";",
        "COMMENT ON PUBLICATION \"p\" IS 'x';", "CREATE SUBSCRIPTION s CONNECTION 'host=a' PUBLICATION p;",
        "ALTER SUBSCRIPTION s OWNER TO x;",
    ])
    func replicationBelongsToTheSource(statement: String) { #expect(verdict(statement) == .takeOut(.replication)) }

    @Test(arguments: [
        "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f();", "CREATE CAST (a AS b) WITHOUT FUNCTION;",
        "ALTER TABLE ONLY \"public\".\"t\" FORCE ROW LEVEL SECURITY;",
        "CREATE POLICY \"p\" ON \"public\".\"t\" TO \"sg_service\" USING (true);",
        "CREATE POLICY \"p\" ON \"public\".\"t\" FOR SELECT TO PUBLIC, \"x\", y USING (true);",
        "SET NAMES 'SJIS';", "SET client_encoding = 'SJIS';", "SET session_replication_role = replica;",
    ])
    func whatCannotBeImportedIsRefused(statement: String) { #expect(isRefused(statement)) }

    @Test(arguments: [
        "CREATE POLICY \"p\" ON \"public\".\"t\" USING ((\"tenant\" = (\"current_setting\"('x'::\"text\"))::integer));",
        "ALTER TABLE ONLY \"public\".\"t\" NO FORCE ROW LEVEL SECURITY;",
        "ALTER TABLE \"public\".\"t\" ENABLE ROW LEVEL SECURITY;", "CREATE TABLE \"publication\" (\"force\" integer);",
        "COMMENT ON TABLE \"publication\" IS 'FORCE ROW LEVEL SECURITY';", "CREATE CAST (a AS b) WITH FUNCTION f(a);",
    ])
    func theRestStays(statement: String) { #expect(verdict(statement) == .keep) }
}
