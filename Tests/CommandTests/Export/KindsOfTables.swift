/// Tables of every kind, most of them as large as lanes read: few rows, on many blocks.
enum KindsOfTables {
    static let schema = #"""
        CREATE SCHEMA "An odd 'schema', "" of \ its own";
        CREATE SCHEMA "schema (of lanes), and: spaces";
        CREATE TYPE state AS ENUM ('OPEN', 'CLOSED', 'it''s');
        CREATE FUNCTION rows(count integer, OUT id integer, OUT note text) RETURNS SETOF record LANGUAGE sql AS
          'SELECT n, repeat(md5(n::text), 3) FROM generate_series(1, count) AS n';

        CREATE TABLE plain (id serial PRIMARY KEY, note text, at timestamptz, low double precision, document jsonb,
          raw bytea) WITH (fillfactor = 10);
        INSERT INTO plain (note, at, low, document, raw)
          SELECT E'a\tb\\c\nd\re ' || note || chr(8364), timestamptz '2023-01-01' + id * interval '1 hour', id / 7.0,
            jsonb_build_object('n', id, 'text', E'\\.\n'), decode(md5(id::text), 'hex') FROM rows(2500);
        UPDATE plain SET note = NULL WHERE id % 7 = 0;
        UPDATE plain SET note = '\.' WHERE id % 11 = 0;
        CREATE VIEW named AS SELECT id, note, at FROM plain GROUP BY id;
        CREATE VIEW counted AS SELECT count(*) FROM plain;
        CREATE MATERIALIZED VIEW summed AS SELECT id % 10 AS digit, sum(low) FROM plain GROUP BY 1;
        CREATE INDEX ON plain (at);

        CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES plain) WITH (fillfactor = 10);
        INSERT INTO child SELECT id, 1 + id % 2500 FROM rows(5000);

        CREATE TABLE by_range (id integer, note text) PARTITION BY RANGE (id);
        CREATE TABLE by_range_1 PARTITION OF by_range FOR VALUES FROM (1) TO (1500) WITH (fillfactor = 10);
        CREATE TABLE by_range_2 PARTITION OF by_range DEFAULT WITH (fillfactor = 10);
        INSERT INTO by_range SELECT * FROM rows(3000);
        CREATE TABLE by_list (id integer, state state) PARTITION BY LIST (state);
        CREATE TABLE by_list_open PARTITION OF by_list FOR VALUES IN ('OPEN');
        CREATE TABLE by_list_other PARTITION OF by_list FOR VALUES IN ('CLOSED', 'it''s');
        INSERT INTO by_list SELECT id, (enum_range(NULL::state))[1 + id % 3] FROM rows(300);
        CREATE TABLE by_hash (id integer, state state) PARTITION BY HASH (state);
        CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO by_hash SELECT id, (enum_range(NULL::state))[1 + id % 3] FROM rows(300);

        CREATE TABLE base (id integer, note text) WITH (fillfactor = 10);
        CREATE TABLE heir (more integer) INHERITS (base) WITH (fillfactor = 10);
        INSERT INTO base SELECT * FROM rows(1500);
        INSERT INTO heir SELECT id, note, id FROM rows(1500);
        CREATE UNLOGGED TABLE forgetful WITH (fillfactor = 10) AS SELECT * FROM rows(1500);

        CREATE TABLE made (a integer, twice integer GENERATED ALWAYS AS (a * 2) STORED, note text,
          number bigint GENERATED ALWAYS AS IDENTITY) WITH (fillfactor = 10);
        INSERT INTO made (a, note) SELECT * FROM rows(3000);

        CREATE TABLE nothing ();
        INSERT INTO nothing SELECT FROM generate_series(1, 7);
        CREATE TABLE much_of_nothing ();
        INSERT INTO much_of_nothing SELECT FROM generate_series(1, 40000);
        CREATE TABLE never_filled (id integer);

        CREATE TABLE shrunk (gone text, id integer, also_gone integer, note text) WITH (fillfactor = 10);
        INSERT INTO shrunk SELECT 'x', id, id, note FROM rows(3000);
        ALTER TABLE shrunk DROP COLUMN gone, DROP COLUMN also_gone, ADD COLUMN added integer DEFAULT 5;

        CREATE TABLE "schema (of lanes), and: spaces"."SELECT :a * FROM $1 (x), [y]; -- ü € 名"
          WITH (fillfactor = 10) AS SELECT id AS "id ($2), :b", note AS "NOTE; -- 名" FROM rows(3000);
        CREATE TABLE "schema (of lanes), and: spaces"."a name that takes as many bytes as there are for names: 63 ...."
          WITH (fillfactor = 10) AS SELECT * FROM rows(3000);
        CREATE TABLE "An odd 'schema', "" of \ its own"."it's a ""table""\"
          WITH (fillfactor = 10) AS SELECT * FROM rows(1500);
        CREATE TABLE "two
        lines" (id integer, "col
        umn" text) WITH (fillfactor = 10);
        INSERT INTO "two
        lines" SELECT * FROM rows(1500);
        CREATE TABLE odd_column (id integer, "a ""b"" 'c' \" text) WITH (fillfactor = 10);
        INSERT INTO odd_column SELECT * FROM rows(1500);

        CREATE TABLE guarded (id integer, note text) WITH (fillfactor = 10);
        INSERT INTO guarded SELECT * FROM rows(3000);
        ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
        CREATE POLICY few ON guarded USING (id < 10);

        CREATE TABLE wide (id integer, dense text, sparse text);
        ALTER TABLE wide ALTER COLUMN sparse SET STORAGE EXTERNAL;
        INSERT INTO wide SELECT id, repeat(note, 300), repeat(note, 100) FROM rows(200);
        CREATE TABLE emptied (id integer, note text) WITH (fillfactor = 10, autovacuum_enabled = off);
        INSERT INTO emptied SELECT * FROM rows(8000);
        DELETE FROM emptied WHERE id BETWEEN 500 AND 6000 OR id > 7500;

        """#
}
