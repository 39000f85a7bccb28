import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// Statements that make a dump one that cannot be imported, each with its reason.
@Suite struct CloudSQLRefusalTests {
    @Test(arguments: [
        ("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f';", "a function in c"),
        ("CREATE FUNCTION f() RETURNS int AS 'lib', 'f' LANGUAGE 'C' STRICT;", "a function in c"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'f';", "a function in internal"),
        ("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE \"plpython3u\" AS $$x$$;", "a function in plpython3u"),
        ("CREATE PROCEDURE p() LANGUAGE plperlu AS $$x$$;", "a function in plperlu"),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE c SET a.language TO 'b' AS 'lib';", "a function in c"),
        ("CREATE OPERATOR CLASS o FOR TYPE t USING btree AS STORAGE t;", "an operator class or family"),
        ("CREATE OPERATOR FAMILY o USING btree;", "an operator class or family"),
        ("ALTER OPERATOR FAMILY o USING btree ADD FUNCTION 1 f();", "an operator family"),
        ("CREATE TYPE t (INTERNALLENGTH = 4, INPUT = f, OUTPUT = g);", "a base type"),
        ("CREATE TYPE public.\"t\" (\n    INPUT = public.f,\n    OUTPUT = public.g\n);", "a base type"),
        ("CREATE TRUSTED PROCEDURAL LANGUAGE plx HANDLER h;", "a language"),
        ("CREATE FOREIGN DATA WRAPPER w HANDLER h;", "a foreign data wrapper"),
        ("CREATE ACCESS METHOD a TYPE INDEX HANDLER h;", "an access method"),
        ("CREATE TEXT SEARCH PARSER p (START = f);", "a text search parser or template"),
        ("CREATE TEXT SEARCH TEMPLATE t (LEXIZE = f);", "a text search parser or template"),
    ])
    func onlyASuperuserMayCreateIt(statement: String, what: String) {
        #expect(reason(statement).contains("Only a superuser can create \(what)"))
    }

    @Test(arguments: [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1';", "ALTER FUNCTION f() LEAKPROOF;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql NOT LEAKPROOF LEAKPROOF AS 'x';",
        "ALTER ROUTINE f() STRICT LEAKPROOF;",
    ])
    func leakproof(statement: String) { #expect(reason(statement).contains("LEAKPROOF")) }

    @Test(arguments: [
        "timescaledb", "\"timescaledb\"", "citus", "plpython3u", "aws_commons", "aws_s3", "rds_tools", "azure",
        "azure_ai", "pgaadauth", "babelfishpg_tsql", "jsonb_plperl", "alloydb_scann",
    ])
    func extensionThatCloudSQLHasNot(name: String) {
        #expect(
            reason("CREATE EXTENSION IF NOT EXISTS \(name) WITH SCHEMA public;").contains("Cloud SQL has no extension"))
    }

    @Test func extensionInAnotherSchemaNamesTheRemedy() {
        let text = reason("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA extensions;")
        #expect(text.contains("ALTER EXTENSION \"uuid-ossp\" SET SCHEMA public"))
        // A dump does not tell whether it can be moved.
        #expect(text.contains("where it does not support that, DROP EXTENSION \"uuid-ossp\""))
    }

    @Test func extensionThatCannotMoveIsNotToBeMoved() throws {
        let one = RequiredExtension(name: "postgis_topology", schema: "topology")
        let fixed = try #require(CloudSQLExtensions.refusal(of: one, isRelocatable: false))
        #expect(fixed.contains("Run DROP EXTENSION \"postgis_topology\"") && !fixed.contains("SET SCHEMA"))
        let movable = try #require(CloudSQLExtensions.refusal(of: one, isRelocatable: true))
        #expect(movable == "Run ALTER EXTENSION \"postgis_topology\" SET SCHEMA public at the source, then dump again.")
    }

    /// Nobody looks for it at the destination.
    @Test func extensionThatStaysWithTheSourceIsNotInTheManifest() throws {
        let dump = SQLDumps.whole(
            "CREATE EXTENSION \"pglogical\" WITH SCHEMA \"pglogical\";\nCREATE EXTENSION \"citext\" WITH SCHEMA \"public\";\n"
        )
        let report = try Passed(dump).report
        #expect(report.contents.extensions.map(\.name) == ["citext"] && report.refusals == [])
    }

    @Test(arguments: [
        "SELECT pg_catalog.lo_create('123');", "SELECT lo_open(1, 2);", "SELECT pg_catalog.lowrite(0, '\\x00');",
        "SELECT pg_catalog.lo_unlink('1');",
    ])
    func largeObjects(statement: String) { #expect(reason(statement).contains("--no-blobs")) }

    @Test(arguments: ["INSERT INTO t VALUES (1);", "insert into t default values;"])
    func rowsAsInsert(statement: String) { #expect(reason(statement).contains("--inserts")) }

    @Test(arguments: [
        "BEGIN;", "START TRANSACTION;", "COMMIT;", "END;", "ROLLBACK;", "ABORT;", "SAVEPOINT s;", "RELEASE s;",
    ])
    func transactions(statement: String) { #expect(reason(statement).contains("one transaction")) }

    @Test func securityLabels() {
        #expect(reason("SECURITY LABEL FOR x ON TABLE t IS 'y';").contains("--no-security-labels"))
    }

    @Test(arguments: [
        "CREATE ROLE r;", "CREATE USER u;", "CREATE TABLESPACE t LOCATION '/x';", "ALTER ROLE r SUPERUSER;",
        "ALTER USER u;", "ALTER SYSTEM SET a = 1;",
    ])
    func workOfPgDumpall(statement: String) { #expect(reason(statement).contains("Dump each database with pg_dump")) }

    @Test(arguments: [
        "ALTER TABLE t ADD COLUMN a int, OWNER TO sg;", "ALTER TABLE t OWNER TO sg, ADD COLUMN a int;",
        "ALTER TABLE t OWNER TO sg, OWNER TO \"b\";", "ALTER TABLE t ADD CHECK (a, b), OWNER TO sg, ADD c int;",
    ])
    func ownerAmongOtherActions(statement: String) { #expect(reason(statement).contains("--no-owner")) }

    /// With these the server and psql read quotes otherwise than the scanner does.
    @Test(arguments: [
        "SET standard_conforming_strings = off;", "SET standard_conforming_strings TO 'off';",
        "SET SESSION standard_conforming_strings = 0;", "SET standard_conforming_strings = false;",
        "SET standard_conforming_strings TO DEFAULT;", "RESET standard_conforming_strings;",
        "SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false);",
    ])
    func settingsThatChangeHowStringsAreRead(statement: String) { _ = reason(statement) }

    @Test(arguments: [
        "SET client_encoding = 'LATIN1';", "SET client_encoding TO sjis;", "RESET client_encoding;",
        "SELECT set_config('client_encoding', 'SJIS', false);",
    ])
    func encodingsOtherThanUTF8(statement: String) { _ = reason(statement) }

    /// pg_dump writes so with --enable-row-security: what the role may not see is not in the dump.
    @Test(arguments: ["SET row_security = on;", "SET row_security TO 'on';", "SET SESSION row_security = true;"])
    func dumpsOfWhatARoleMaySee(statement: String) {
        #expect(reason(statement).contains("--enable-row-security"))
    }

    @Test(arguments: [
        "UPDATE t SET a = 1;", "DELETE FROM t;", "TRUNCATE t;", "DO $$ BEGIN END $$;", "CALL p();", "EXECUTE p;",
        "VACUUM;", "ANALYZE t;", "REINDEX TABLE t;", "LISTEN x;", "NOTIFY x;", "REASSIGN OWNED BY a TO b;",
        "IMPORT FOREIGN SCHEMA a;", "LOAD 'x';", "WITH a AS (SELECT 1) SELECT 2;", "VALUES (1);", "TABLE t;",
        "DECLARE c CURSOR FOR SELECT 1;", "PREPARE TRANSACTION 'x';", "DISCARD ALL;", "CHECKPOINT;",
        "\"CREATE\" TABLE t (a int);", "(SELECT 1);", "- 1;", "'x';", "$$x$$;", "1;", "naïve;",
    ])
    func verbsThatPgDumpDoesNotWrite(statement: String) { _ = reason(statement) }

    @Test(arguments: [
        "SELECT pg_catalog.pg_terminate_backend(1);", "SELECT f();", "SELECT 1;", "SELECT a.setval('s', 1);",
        "SELECT setval('s', (SELECT 1));", "SELECT pg_catalog.setval('s', 1), f();", "SELECT * FROM t;",
        "SELECT pg_catalog.set_config('search_path', '', false), set_config('role', 'x', false);", "SELECT 1 INTO t;",
        "SELECT * FROM pg_catalog.setval('s', 1);", "SELECT set_config(a);",
    ])
    func queriesThatPgDumpDoesNotWrite(statement: String) { _ = reason(statement) }

    @Test(arguments: [
        "COPY t FROM '/etc/passwd';", "COPY t FROM PROGRAM 'true';", "COPY t TO stdout;", "COPY (SELECT 1) TO stdout;",
        "COPY t (a) FROM stdin WITH (FORMAT csv);", "COPY t FROM stdin CSV;", "COPY t FROM stdin WHERE a > 1;",
        "COPY BINARY t FROM stdin;", "COPY t (a, ) FROM stdin;", "COPY t (a b) FROM stdin;", "COPY a.b.c FROM stdin;",
        "COPY 't' FROM stdin;", "COPY t (a FROM stdin;",
    ])
    func copyOfAnotherKind(statement: String) {
        let refusals = Rewritten(statement + "\n").refusals
        // What never ends is torn; that is for the pass to say.
        let isOpen = !Scan(statement).isBetweenStatements
        #expect(isOpen || refusals.map(\.reason) == [CopyHeader.CopyRefused().reason])
    }

    @Test(
        arguments: [
            #"\! true"#, #"\set ON_ERROR_STOP off"#, #"\copy t from 'x'"#, #"\i x.sql"#, #"\o |cat"#, #"\ir x"#,
            #"\gexec"#, #"\."#,
            #"\"#, #"\RESTRICT k"#, #"\restrictx k"#, #"\c x"#, #"\encoding SJIS"#, #"\unset x"#, #"\if true"#, #"\;"#,
            #"\\"#,
            #"\restrict k \! true"#, #"\connect x \! true"#, #"\restrict k\\! true"#,
        ], RewriteProfile.allCases)
    func metaCommandsThatPgDumpDoesNotWrite(command: String, profile: RewriteProfile) {
        let dump = "SET lock_timeout = 0;\n\(command)\nSET lock_timeout = 1;\n"
        let rewritten = Rewritten(dump, profile)
        #expect(rewritten.refusals.map(\.statement) == [command])
        #expect(rewritten.refusals.first?.position == DumpPosition(offset: 22, line: 2))
    }

    @Test(arguments: [#"\restrict k"#, #"\unrestrict k"#, #"\connect x"#, #"\! true"#])
    func metaCommandInsideAStatement(command: String) {
        let rewritten = Rewritten("\\restrict k\nCREATE TABLE t (\n\(command)\n);\n")
        #expect(rewritten.refusals.first?.statement == command)
    }

    /// psql runs what stands there once the rows are in; the scanner has rows to read.
    @Test(arguments: [" \\! true", " SELECT 1;", " DROP SCHEMA public;", "--", " /* a */", "\r\\connect x", ";"])
    func anythingBehindACopyOnItsLine(rest: String) {
        let dump = "COPY t FROM stdin;\(rest)\n1\n\\.\n"
        for chunking in [Chunking.whole, .every(1), .every(19)] {
            let rewritten = Rewritten(dump, .cloudSQL, chunking)
            #expect(rewritten.text == dump)
            #expect(rewritten.refusals.count == 1)
            #expect(rewritten.refusals.first?.position == DumpPosition(offset: 0, line: 1))
        }
    }

    @Test(arguments: ["", "\r", " ", "\t \r"])
    func spaceBehindACopyOnItsLineIsNothing(rest: String) {
        #expect(Rewritten("COPY t FROM stdin;\(rest)\n1\n\\.\n").refusals.isEmpty)
    }

    private func reason(_ statement: String, _ location: SourceLocation = #_sourceLocation) -> String {
        guard case .refuse(let reason) = verdict(statement) else {
            Issue.record("not refused: \(statement)", sourceLocation: location)
            return ""
        }
        return reason
    }
}
