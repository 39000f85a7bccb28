import Testing

@testable import MigrationKitPostgresDump

/// Statements that stay as they are.
@Suite struct CloudSQLKeepTests {
    @Test(arguments: [
        "CREATE SCHEMA audit;", "CREATE SCHEMA \"Public\";", "CREATE SCHEMA \"public \";",
        "DROP SCHEMA IF EXISTS audit;", "DROP SCHEMA \"PUBLIC\";", "COMMENT ON SCHEMA audit IS 'public';",
        "ALTER SCHEMA public RENAME TO other;",
    ])
    func otherSchemas(statement: String) { #expect(verdict(statement) == .keep) }

    @Test(arguments: [
        "SET statement_timeout = 0;", "SET default_tablespace = '';", "SET default_table_access_method = \"heap\";",
        "SET client_encoding = 'UTF8';", "SET standard_conforming_strings = on;",
        "SET standard_conforming_strings = 'on';", "SET default_with_oids = false;",
        "SET check_function_bodies = false;", "SET row_security = off;", "SET idle_in_transaction_session_timeout = 0;",
        "SET xmloption = content;", "SET search_path = public, pg_catalog;",
        "SELECT pg_catalog.set_config('search_path', '', false);", "RESET search_path;",
    ])
    func settings(statement: String) { #expect(verdict(statement) == .keep) }

    @Test(arguments: [
        "CREATE TABLE t (a int);", "CREATE UNLOGGED TABLE t ();", "CREATE VIEW v AS SELECT 1;",
        "DROP VIEW IF EXISTS v;", "CREATE OR REPLACE VIEW public.v AS SELECT 1 AS extension;",
        "CREATE MATERIALIZED VIEW v AS SELECT 1 WITH NO DATA;", "REFRESH MATERIALIZED VIEW v;",
        "CREATE TYPE t AS ENUM ('input');", "CREATE TYPE t AS (input int);", "CREATE TYPE t AS RANGE (subtype = int4);",
        "CREATE TYPE public.\"as\" AS ENUM ('a');", "CREATE DOMAIN d AS text;", "CREATE SEQUENCE s;",
        "CREATE UNIQUE INDEX i ON t USING btree (a);", "CREATE TRIGGER t BEFORE UPDATE ON t;",
        "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING;", "CREATE POLICY p ON t;",
        "CREATE AGGREGATE a(int) (SFUNC = f);", "CREATE OPERATOR public.+ (FUNCTION = f, LEFTARG = int);",
        "CREATE CAST (a AS b) WITH FUNCTION f(a);",
        "CREATE TEXT SEARCH CONFIGURATION c (PARSER = pg_catalog.\"default\");",
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = x);", "CREATE USER MAPPING FOR CURRENT_USER SERVER s;",
        "CREATE USER MAPPING FOR PUBLIC SERVER s;", "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'a');",
        "CREATE STATISTICS s ON a, b FROM t;", "CREATE COLLATION c (LOCALE = 'x');",
        "CREATE SERVER s FOREIGN DATA WRAPPER w;", "COMMENT ON TABLE t IS 'x';",
        "COMMENT ON COLUMN t.extension IS 'x';", "COMMENT ON FUNCTION f() IS 'database';", "DROP TABLE IF EXISTS t;",
        "DROP FUNCTION f(a integer);", "DROP INDEX i;", "LOCK TABLE t;", ";",
    ])
    func objects(statement: String) { #expect(verdict(statement) == .keep) }

    @Test(arguments: [
        "ALTER TABLE ONLY t ADD CONSTRAINT c PRIMARY KEY (a);",
        "ALTER TABLE t ALTER COLUMN a SET DEFAULT 'OWNER TO x';", "ALTER TABLE t ENABLE ROW LEVEL SECURITY;",
        "ALTER TABLE public.force ENABLE ROW LEVEL SECURITY;", "ALTER SEQUENCE s OWNED BY t.a;",
        "ALTER TABLE t CLUSTER ON i;", "ALTER TABLE t ADD COLUMN owner int, ADD COLUMN \"to\" int;",
        "ALTER TABLE t RENAME COLUMN owner TO keeper;",
        "ALTER TABLE t RENAME owner TO keeper;", "ALTER TABLE public.t RENAME CONSTRAINT owner TO keeper;",
        "ALTER TABLE public.owner RENAME TO keeper;",
        "ALTER TABLE a.b ATTACH PARTITION a.c FOR VALUES FROM (1) TO (2);",
        "ALTER VIEW v ALTER COLUMN a SET DEFAULT 1;",
    ])
    func alterations(statement: String) { #expect(verdict(statement) == .keep) }

    @Test(arguments: [
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ LEAKPROOF LANGUAGE c $$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE \"sql\" NOT LEAKPROOF AS 'SELECT 1';",
        "CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ x $$ LANGUAGE plpgsql;",
        "CREATE PROCEDURE p() LANGUAGE sql BEGIN ATOMIC SELECT 1; END;",
        "CREATE FUNCTION f(language text) RETURNS TABLE(c int) LANGUAGE 'plpgsql' AS $$ $$;",
        "CREATE FUNCTION \"leakproof\"() RETURNS int LANGUAGE sql AS 'LEAKPROOF';",
        "ALTER FUNCTION f() NOT LEAKPROOF;",
    ])
    func routines(statement: String) { #expect(verdict(statement) == .keep) }

    @Test(arguments: [
        "SELECT pg_catalog.setval('public.s', 42, true);", "SELECT setval('s', -3, false);",
        "SELECT pg_catalog.setval('\"transaction_timeout\"', 1, true);", "SELECT \"pg_catalog\".\"setval\"('s', 1);",
    ])
    func sequences(statement: String) { #expect(verdict(statement) == .keep) }

    /// Words that rules look for, where they are somebody's data.
    @Test(
        arguments: [
            "CREATE EXTENSION x", "DROP SCHEMA public", "LEAKPROOF", "OWNER TO x", "GRANT a TO b", "LANGUAGE c",
            "COMMIT",
            "transaction_timeout", "lo_create", "INSERT INTO t", "extension", "database", "input",
        ],
        [
            "COMMENT ON TABLE t IS '%';", "COMMENT ON TABLE t IS E'\\'%';", "COMMENT ON TABLE t /* % */ IS $$%$$;",
            "CREATE TABLE \"%\" (\"%\" text); -- %", "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $a$ % $a$;",
            "ALTER TABLE \"%\" ADD CHECK (\"%\" <> '%');", "DROP TABLE \"%\";",
            "CREATE /* % */ TYPE \"%\" AS ENUM ('%');",
            "SET /* % */ lock_timeout = '%';", "SELECT pg_catalog.setval('\"%\"', 1);",
        ])
    func wordsInsideDataTriggerNothing(word: String, pattern: String) {
        #expect(
            verdict(pattern.split(separator: "%", omittingEmptySubsequences: false).joined(separator: word)) == .keep)
    }

    @Test(arguments: [
        "COPY t (a) FROM stdin;", "COPY \"public\".\"CREATE EXTENSION\" (\"DROP SCHEMA\", b) FROM stdin;",
        "COPY public.none  FROM stdin;",
    ])
    func copyFromStandardInput(statement: String) {
        let dump = statement + "\nCREATE EXTENSION x;\n\\connect y\n\\.\n"
        let rewritten = Rewritten(dump)
        #expect(rewritten.text == dump)
        #expect(rewritten.rewrites.isEmpty)
        #expect(rewritten.refusals.isEmpty)
        #expect(rewritten.contents.tables.map(\.rows) == [2])
    }
}
