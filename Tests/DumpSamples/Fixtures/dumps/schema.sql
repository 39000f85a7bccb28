-- What the dumps beside this file are of: little of everything that pg_dump writes, and rows that look like its syntax.
-- No contrib extension is needed. Scripts/make-fixtures.sh made them.

\set QUIET on
SELECT :SERVER_VERSION_NUM >= 120000 AS generated_columns, :SERVER_VERSION_NUM >= 140000 AS sql_bodies \gset
SET client_encoding = 'UTF8';
SET timezone = 'UTC';

COMMENT ON SCHEMA public IS 'what is here; all of it
COMMENT ON EXTENSION "is not a statement here";';

CREATE SCHEMA audit;

CREATE TYPE state AS ENUM ('OPEN', 'it''s; CLOSED');
CREATE SEQUENCE never_called_seq START 42;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $touch$
BEGIN
    EXECUTE $inner$
CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA "public";
DROP SCHEMA IF EXISTS "audit";
INSERT INTO nowhere VALUES ($$it's; quoted$$);
COPY "public"."nowhere" ("id") FROM stdin;
\.
-- PostgreSQL database dump complete
$inner$;
    NEW.updated_at := now(); /* never; runs */
    RETURN NEW;
END
$touch$;

CREATE TABLE versions (
    service text PRIMARY KEY,
    version text NOT NULL,
    updated_at timestamptz NOT NULL,
    first_version text NOT NULL
);
INSERT INTO versions VALUES ('frontend', '5.1.8', '2023-08-14 09:26:53.589793+00', '3.43.2');

CREATE TABLE items (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    state state NOT NULL DEFAULT 'OPEN',
    contents bytea,
    tags text[],
    document jsonb,
    low double precision,
    high real,
    price numeric(12, 2),
    updated_at timestamptz,
    parent_id integer
);
ALTER TABLE items ADD FOREIGN KEY (parent_id) REFERENCES items (id) DEFERRABLE;
\if :generated_columns
ALTER TABLE items ADD COLUMN name_length integer GENERATED ALWAYS AS (length(name)) STORED;
\endif
COMMENT ON TABLE items IS 'Two lines; the second is no comment.
-- "quoted", ''quoted'', $$quoted$$, \';
COMMENT ON COLUMN items.name IS E'a\ttab and a \\';
CREATE TRIGGER touch BEFORE UPDATE ON items FOR EACH ROW EXECUTE PROCEDURE touch();

INSERT INTO items (name, state, contents, tags, document, low, high, price, updated_at, parent_id) VALUES
    ('one', 'OPEN', '\x00ff5c0a', ARRAY['a,b', NULL, '"', '\', ''], '{"a": "\\ \" \n", "n": 1.50}', 0.1, 0.1, 12.30,
        '2023-03-26 01:59:59.999999+00', NULL),
    ('two', 'it''s; CLOSED', '', '{}', 'null', 'NaN', '-Infinity', NULL, '0044-03-15 12:00:00+00 BC', 1),
    ('three', 'OPEN', NULL, NULL, NULL, 0.1::double precision + 0.2, 3.4028235e38, -0.01, 'infinity', 2),
    ('four', 'OPEN', decode(repeat('00ff', 40), 'hex'), '[0:1]={x,y}', '[]', '-0', 1e-40, 0, '1900-01-01 00:00+00', 4);

-- Lines of COPY data that begin like something else; one column, so that an empty string is an empty line.
CREATE TABLE "CREATE EXTENSION" ("DROP SCHEMA; --" text);
INSERT INTO "CREATE EXTENSION" VALUES
    ('-- a comment'), ('--'), ('\.'), (E'\\.\n\\.'), ('\N'), (NULL), (''), (''), ('NULL'), ('twice'), ('twice'),
    ('CREATE EXTENSION IF NOT EXISTS "citext" WITH SCHEMA "public";'), ('DROP SCHEMA IF EXISTS "public";'),
    (E'COPY "public"."items" ("id") FROM stdin;\n1\n\\.\n'), ('SET transaction_timeout = 0;'),
    ('\connect template1'), ('\unrestrict key'), ('-- PostgreSQL database dump complete'), ('$$ $_$ '' " /* */'),
    (E'\ttab\nline feed\r\nreturn\rbackslash\\'), ('👩‍👩‍👧 naïve'), (E'\b\f\x0b\x01\x7f');

CREATE TABLE audit.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id integer REFERENCES items (id) ON DELETE CASCADE,
    note text CHECK (note <> ';')
);
INSERT INTO audit.entries (item_id, note) SELECT 1 + n % 4, nullif('note ' || n, 'note 3') FROM generate_series(1, 6) AS n;
CREATE INDEX entries_note ON audit.entries (lower(note)) WHERE note IS NOT NULL;

CREATE TABLE empty (id integer);

CREATE VIEW open_items AS SELECT id, name, 'DROP TABLE x;'::text AS "--" FROM items WHERE state = 'OPEN';
CREATE MATERIALIZED VIEW audit.totals AS SELECT item_id, count(*) AS total FROM audit.entries GROUP BY item_id;

ALTER TABLE items ENABLE ROW LEVEL SECURITY;
CREATE POLICY open_to_all ON items FOR SELECT USING (state <> 'it''s; CLOSED');

\if :sql_bodies
CREATE FUNCTION item_state(item integer) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN i.state = 'OPEN' THEN 'open; or so' ELSE i.state::text END FROM items AS i WHERE i.id = item;
    SELECT CASE WHEN item > 0 THEN CASE WHEN item > 1 THEN 'end;' END END AS "end";
END;
\endif
