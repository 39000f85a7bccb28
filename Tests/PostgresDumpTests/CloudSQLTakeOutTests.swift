import Testing

@testable import MigrationKitPostgresDump

/// Statements that go out for Cloud SQL, and by which rule.
@Suite struct CloudSQLTakeOutTests {
    @Test(arguments: [
        "CREATE EXTENSION IF NOT EXISTS \"citext\" WITH SCHEMA \"public\";",
        "CREATE EXTENSION citext;",
        "create extension pg_trgm with schema pg_catalog;",
        "CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;",
        "DROP EXTENSION IF EXISTS \"citext\";",
        "DROP EXTENSION citext CASCADE;",
        "COMMENT ON EXTENSION \"citext\" IS 'data type for ''case-insensitive''; strings';",
        "COMMENT /* a */ ON -- b\n EXTENSION x IS NULL;",
        "ALTER EXTENSION citext SET SCHEMA public;",
        "CREATE OR REPLACE PROCEDURAL LANGUAGE plpgsql;",
        "CREATE LANGUAGE \"plpgsql\";",
        "CREATE EXTENSION IF NOT EXISTS \"pglogical\" WITH SCHEMA \"pglogical\";", "CREATE SCHEMA \"pglogical\";",
        "DROP SCHEMA IF EXISTS \"google_vacuum_mgmt\";", "COMMENT ON SCHEMA \"pglogical\" IS 'x';",
        "CREATE EXTENSION IF NOT EXISTS \"google_vacuum_mgmt\" WITH SCHEMA \"google_vacuum_mgmt\";",
    ])
    func statementsAboutExtensions(statement: String) { #expect(verdict(statement) == .takeOut(.extension)) }

    @Test(arguments: [
        "CREATE DATABASE sg WITH TEMPLATE = template0 ENCODING = 'UTF8';", "DROP DATABASE IF EXISTS sg;",
        "DROP DATABASE sg;", "ALTER DATABASE sg OWNER TO sg;", "ALTER DATABASE sg SET search_path TO 'a', 'b';",
        "COMMENT ON DATABASE sg IS 'two\nlines';",
        // What pg_dump --create writes of a role.
        "ALTER ROLE \"sg\" IN DATABASE \"c\" SET \"work_mem\" TO '64MB';",
    ])
    func statementsAboutADatabase(statement: String) { #expect(verdict(statement) == .takeOut(.database)) }

    @Test(arguments: [
        "CREATE SCHEMA public;", "CREATE SCHEMA IF NOT EXISTS \"public\";", "CREATE SCHEMA PUBLIC;",
        "DROP SCHEMA public;", "DROP SCHEMA IF EXISTS \"public\";", "drop schema if exists public cascade;",
        "COMMENT ON SCHEMA public IS NULL;", "COMMENT ON SCHEMA \"public\" IS 'standard public schema';",
    ])
    func statementsAboutTheSchemaPublic(statement: String) { #expect(verdict(statement) == .takeOut(.publicSchema)) }

    @Test(arguments: [
        "SET transaction_timeout = 0;", "SET SESSION transaction_timeout TO '1s';",
        "set local \"transaction_timeout\" = 1;", "RESET transaction_timeout;", "SET default_tablespace = fast;",
        "SET default_tablespace = 'fast';", "SET default_tablespace = \"fast disk\";",
        "SET default_tablespace TO DEFAULT;",
    ])
    func settings(statement: String) { #expect(verdict(statement) == .takeOut(.setting)) }

    @Test(arguments: [
        "ALTER TABLE public.t OWNER TO sg;",
        "ALTER TABLE IF EXISTS ONLY \"public\".\"t\" OWNER TO \"sg\";",
        "ALTER TABLE public.owner OWNER TO CURRENT_USER;",
        "ALTER TABLE public.rename OWNER TO sg;",
        "ALTER VIEW v OWNER TO sg;",
        "ALTER MATERIALIZED VIEW a.v OWNER TO sg;",
        "ALTER SEQUENCE public.s OWNER TO sg;",
        "ALTER INDEX public.i OWNER TO sg;",
        "ALTER FOREIGN TABLE f OWNER TO sg;",
        "ALTER FUNCTION public.f(integer, \"text\", VARIADIC integer[]) OWNER TO sg;",
        "ALTER PROCEDURE public.p() OWNER TO sg;",
        "ALTER AGGREGATE public.a(integer ORDER BY text, text) OWNER TO sg;",
        "ALTER OPERATOR public.<> (text, text) OWNER TO sg;",
        "ALTER TYPE public.state OWNER TO sg;",
        "ALTER DOMAIN d OWNER TO sg;",
        "ALTER SCHEMA audit OWNER TO sg;",
        "ALTER SCHEMA public OWNER TO \"pg_database_owner\";",
        "ALTER EVENT TRIGGER e OWNER TO sg;",
        "ALTER STATISTICS s OWNER TO sg;",
        "ALTER COLLATION c OWNER TO sg;",
        "ALTER CONVERSION c OWNER TO sg;",
        "ALTER TEXT SEARCH CONFIGURATION c OWNER TO sg;",
        "ALTER FOREIGN DATA WRAPPER w OWNER TO sg;",
        "ALTER SERVER s OWNER TO sg;",
        "ALTER LARGE OBJECT 12 OWNER TO sg;",
        "ALTER LANGUAGE plpgsql OWNER TO sg;",
        "SET SESSION AUTHORIZATION 'sg';",
        "SET SESSION AUTHORIZATION DEFAULT;",
        "RESET SESSION AUTHORIZATION;",
        "SET ROLE sg;",
    ])
    func owners(statement: String) { #expect(verdict(statement) == .takeOut(.owner)) }

    @Test(arguments: [
        "GRANT ALL ON TABLE public.t TO sg;", "GRANT USAGE ON SCHEMA public TO PUBLIC;", "GRANT a TO b;",
        "REVOKE ALL ON FUNCTION public.f(integer) FROM PUBLIC;", "REVOKE USAGE ON SCHEMA public FROM PUBLIC;",
        "CREATE USER MAPPING FOR reader SERVER s;", "CREATE USER MAPPING IF NOT EXISTS FOR \"reader\" SERVER \"s\";",
        "ALTER DEFAULT PRIVILEGES FOR ROLE sg IN SCHEMA public GRANT SELECT ON TABLES TO reader;",
    ])
    func privileges(statement: String) { #expect(verdict(statement) == .takeOut(.privileges)) }

    @Test(arguments: [
        "SELECT * FROM pg_catalog.pg_restore_relation_stats('version', '180006'::integer, 'schemaname', 'public');",
        "SELECT * FROM pg_catalog.pg_restore_attribute_stats('version', '180006'::integer);",
        "SELECT pg_catalog.pg_restore_attribute_stats('version', '180006'::integer);",
    ])
    func statistics(statement: String) { #expect(verdict(statement) == .takeOut(.statistics)) }

    @Test(arguments: [
        (#"\restrict KEY"#, Rewrite.Rule.restrict), (#"\unrestrict KEY"#, .restrict), (#"\connect sg"#, .database),
        (#"\connect -reuse-previous=on "dbname='a b'""#, .database),
    ])
    func metaCommands(command: String, rule: Rewrite.Rule) {
        let head = rule == .restrict && command.hasPrefix(#"\un"#) ? "\\restrict KEY\n" : ""
        let rewritten = Rewritten("\(head)\(command)\nSET lock_timeout = 0;\n")
        #expect(rewritten.rewrites.last?.rule == rule)
        #expect(rewritten.rewrites.last?.statement == command)
        #expect(rewritten.refusals.isEmpty)
        #expect(Scan(rewritten.text).metaCommands.isEmpty)
    }
}
