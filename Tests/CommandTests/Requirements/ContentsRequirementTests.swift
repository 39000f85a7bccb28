import MigrationKit
import TestClusters
import Testing

/// What a dump would be refused for is told before there is one, and nothing else is.
@Suite(.inTurn) struct ContentsRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    struct Fault: Sendable, CustomTestStringConvertible {
        var sql: String
        var reason: String

        var testDescription: String { reason }
    }

    static let faults = [
        Fault(sql: "SELECT lo_create(4711)", reason: "large objects, which cannot be imported: 4711"),
        Fault(
            sql: "CREATE TABLE \"a\"\"b\" (id integer); ALTER TABLE \"a\"\"b\" FORCE ROW LEVEL SECURITY",
            reason: "tables that force row-level security on their owner, which cannot be imported: public.\"a\"\"b\""),
        Fault(
            sql: "CREATE TABLE t (id integer); CREATE POLICY p ON t TO sg USING (true)",
            reason: "row-level security policies for specific roles, which cannot be imported: p ON public.t"),
        Fault(
            sql: """
                CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
                CREATE EVENT TRIGGER "e t" ON sql_drop EXECUTE FUNCTION f()
                """, reason: "event triggers, which cannot be imported: \"e t\""),
        Fault(
            sql: "CREATE FUNCTION sine(float8) RETURNS float8 LANGUAGE internal STRICT IMMUTABLE AS 'dsin'",
            reason: "functions in C or an untrusted language, which cannot be imported: public.sine(double precision)"),
        Fault(
            sql: "CREATE FUNCTION f() RETURNS integer LANGUAGE sql LEAKPROOF AS 'SELECT 1'",
            reason: "leakproof functions, which cannot be imported: public.f()"),
        Fault(
            sql: "CREATE CAST (bytea AS text) WITHOUT FUNCTION",
            reason: "casts without function, which cannot be imported: bytea AS text"),
        Fault(
            sql: "CREATE OPERATOR FAMILY f USING btree; CREATE OPERATOR FAMILY g USING btree",
            reason: "operator classes and families, which cannot be imported: public.f, public.g"),
        Fault(
            sql: "CREATE FOREIGN DATA WRAPPER w; CREATE FOREIGN DATA WRAPPER v",
            reason: "foreign data wrappers, which cannot be imported: v, w"),
        Fault(
            sql: "CREATE ACCESS METHOD mine TYPE TABLE HANDLER heap_tableam_handler",
            reason: "access methods, which cannot be imported: mine"),
        Fault(
            sql: """
                CREATE TEXT SEARCH TEMPLATE t (LEXIZE = dsimple_lexize, INIT = dsimple_init);
                """, reason: "text search parsers and templates, which cannot be imported: t"),
    ]

    @Test(arguments: faults) func whatADumpWouldBeRefusedForIsNamed(fault: Fault) async throws {
        try await place.with("CREATE TABLE things (); \(fault.sql)") { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == ["contents"], "\(found)")
            let told = found["contents"]
            #expect(told.map(\.reason) == ["The database has \(fault.reason)."], "\(told)")
            #expect(!told.remedy.isEmpty)
            #expect(try await place.report(place.dumper(name)).refusals.isEmpty == false)
        }
    }

    @Test func foreignServersAreWarnedOfAndPasswordsForThemRefused() async throws {
        let sql = """
            CREATE TABLE things ();
            CREATE EXTENSION postgres_fdw; CREATE SERVER "the warehouse" FOREIGN DATA WRAPPER postgres_fdw;
            CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR CURRENT_USER SERVER other;
            CREATE USER MAPPING FOR PUBLIC SERVER "the warehouse" OPTIONS (user 'wh', password 'hunter2');
            """
        try await place.with(sql) { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == ["contents"], "\(found)")
            let reasons = found["contents"].map(\.reason)
            #expect(reasons.count == 2, "\(reasons)")
            #expect(
                reasons.first
                    == "The database has user mappings with options, which cannot be imported: \"the warehouse\" FOR public."
            )
            #expect(reasons.last?.hasPrefix("The database has foreign servers: \"the warehouse\", other.") == true)
            let refusals = try await place.report(place.dumper(name)).refusals
            #expect(refusals.count == 1)
            #expect(refusals.first?.statement.contains("CREATE USER MAPPING FOR") == true)
            #expect(!"\(found) \(refusals)".contains("hunter2"))
        }
    }

    @Test func typeOfAnOwnInputFunctionIsNamed() async throws {
        let found = try await place.check(
            """
            CREATE TYPE odd; CREATE FUNCTION odd_in(cstring) RETURNS odd LANGUAGE internal STRICT IMMUTABLE AS 'int4in';
            CREATE FUNCTION odd_out(odd) RETURNS cstring LANGUAGE internal STRICT IMMUTABLE AS 'int4out';
            CREATE TYPE odd (INPUT = odd_in, OUTPUT = odd_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4);
            """)
        #expect(
            found["contents"].map(\.reason).contains {
                $0.contains("base types, which cannot be imported: public.odd.")
            }, "\(found)")
    }

    @Test func whatCanBeImportedPasses() async throws {
        let sql = """
            CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION intarray; CREATE EXTENSION postgres_fdw;
            CREATE TYPE span AS RANGE (subtype = float8); CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN d AS text[];
            CREATE TYPE pair AS (a integer, b mood[]); CREATE TABLE t (id integer, s span[], p pair[]);
            CREATE AGGREGATE mine(integer) (SFUNC = int4pl, STYPE = integer);
            CREATE POLICY p ON t USING (true); CREATE POLICY q ON t TO public USING (true);
            CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE f (id integer) SERVER s;
            CREATE PUBLICATION p FOR ALL TABLES;
            CREATE FUNCTION g() RETURNS integer LANGUAGE plpgsql NOT LEAKPROOF AS $$ BEGIN RETURN 1; END $$;
            """
        try await place.with(sql) { name in
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == [], "\(found)")
            #expect(try await place.report(place.dumper(name)).refusals.map(\.reason) == [])
        }
    }

    @Test func stringsOfAnotherKindAreTold() async throws {
        try await place.with("CREATE TABLE things ()") { name in
            try await place.postgres.source.sql(
                """
                DO $$ BEGIN
                  EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database());
                END $$
                """, in: name)
            let found = try await DatabaseRequirements(place.dumper(name)).check()
            #expect(found.failed == ["contents"], "\(found)")
            #expect(try await place.report(place.dumper(name)).refusals.isEmpty == false)
        }
    }
}
