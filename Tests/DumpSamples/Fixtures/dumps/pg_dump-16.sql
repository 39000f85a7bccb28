--
-- PostgreSQL database dump
--

\restrict b8dVqmLS8Vf73CItX4qfQcd0Ew6VyJCGYdrSB0GvsID4IwDcKulw5gb2yYp23Av

-- Dumped from database version 16.15
-- Dumped by pg_dump version 16.15

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

DROP POLICY IF EXISTS "open_to_all" ON "public"."items";
ALTER TABLE IF EXISTS ONLY "public"."items" DROP CONSTRAINT IF EXISTS "items_parent_id_fkey";
ALTER TABLE IF EXISTS ONLY "audit"."entries" DROP CONSTRAINT IF EXISTS "entries_item_id_fkey";
DROP TRIGGER IF EXISTS "touch" ON "public"."items";
DROP INDEX IF EXISTS "audit"."entries_note";
ALTER TABLE IF EXISTS ONLY "public"."versions" DROP CONSTRAINT IF EXISTS "versions_pkey";
ALTER TABLE IF EXISTS ONLY "public"."items" DROP CONSTRAINT IF EXISTS "items_pkey";
ALTER TABLE IF EXISTS ONLY "public"."items" DROP CONSTRAINT IF EXISTS "items_name_key";
ALTER TABLE IF EXISTS ONLY "audit"."entries" DROP CONSTRAINT IF EXISTS "entries_pkey";
ALTER TABLE IF EXISTS "public"."items" ALTER COLUMN "id" DROP DEFAULT;
DROP TABLE IF EXISTS "public"."versions";
DROP VIEW IF EXISTS "public"."open_items";
DROP SEQUENCE IF EXISTS "public"."never_called_seq";
DROP SEQUENCE IF EXISTS "public"."items_id_seq";
DROP TABLE IF EXISTS "public"."empty";
DROP TABLE IF EXISTS "public"."CREATE EXTENSION";
DROP MATERIALIZED VIEW IF EXISTS "audit"."totals";
DROP TABLE IF EXISTS "audit"."entries";
DROP FUNCTION IF EXISTS "public"."touch"();
DROP FUNCTION IF EXISTS "public"."item_state"("item" integer);
DROP TABLE IF EXISTS "public"."items";
DROP TYPE IF EXISTS "public"."state";
DROP SCHEMA IF EXISTS "audit";
--
-- Name: audit; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA "audit";


--
-- Name: SCHEMA "public"; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA "public" IS 'what is here; all of it
COMMENT ON EXTENSION "is not a statement here";';


--
-- Name: state; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE "public"."state" AS ENUM (
    'OPEN',
    'it''s; CLOSED'
);


SET default_tablespace = '';

SET default_table_access_method = "heap";

--
-- Name: items; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE "public"."items" (
    "id" integer NOT NULL,
    "name" "text" NOT NULL,
    "state" "public"."state" DEFAULT 'OPEN'::"public"."state" NOT NULL,
    "contents" "bytea",
    "tags" "text"[],
    "document" "jsonb",
    "low" double precision,
    "high" real,
    "price" numeric(12,2),
    "updated_at" timestamp with time zone,
    "parent_id" integer,
    "name_length" integer GENERATED ALWAYS AS ("length"("name")) STORED
);


--
-- Name: TABLE "items"; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE "public"."items" IS 'Two lines; the second is no comment.
-- "quoted", ''quoted'', $$quoted$$, \';


--
-- Name: COLUMN "items"."name"; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN "public"."items"."name" IS 'a	tab and a \';


--
-- Name: item_state(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION "public"."item_state"("item" integer) RETURNS "text"
    LANGUAGE "sql" STABLE
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN ("i"."state" = 'OPEN'::"public"."state") THEN 'open; or so'::"text"
             ELSE ("i"."state")::"text"
         END AS "state"
    FROM "public"."items" "i"
   WHERE ("i"."id" = "item_state"."item");
 SELECT
         CASE
             WHEN ("item" > 0) THEN
             CASE
                 WHEN ("item" > 1) THEN 'end;'::"text"
                 ELSE NULL::"text"
             END
             ELSE NULL::"text"
         END AS "end";
END;


--
-- Name: touch(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION "public"."touch"() RETURNS "trigger"
    LANGUAGE "plpgsql"
    AS $_$
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
$_$;


--
-- Name: entries; Type: TABLE; Schema: audit; Owner: -
--

CREATE TABLE "audit"."entries" (
    "id" bigint NOT NULL,
    "item_id" integer,
    "note" "text",
    CONSTRAINT "entries_note_check" CHECK (("note" <> ';'::"text"))
);


--
-- Name: entries_id_seq; Type: SEQUENCE; Schema: audit; Owner: -
--

ALTER TABLE "audit"."entries" ALTER COLUMN "id" ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME "audit"."entries_id_seq"
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: audit; Owner: -
--

CREATE MATERIALIZED VIEW "audit"."totals" AS
 SELECT "item_id",
    "count"(*) AS "total"
   FROM "audit"."entries"
  GROUP BY "item_id"
  WITH NO DATA;


--
-- Name: CREATE EXTENSION; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE "public"."CREATE EXTENSION" (
    "DROP SCHEMA; --" "text"
);


--
-- Name: empty; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE "public"."empty" (
    "id" integer
);


--
-- Name: items_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE "public"."items_id_seq"
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: items_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE "public"."items_id_seq" OWNED BY "public"."items"."id";


--
-- Name: never_called_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE "public"."never_called_seq"
    START WITH 42
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: open_items; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW "public"."open_items" AS
 SELECT "id",
    "name",
    'DROP TABLE x;'::"text" AS "--"
   FROM "public"."items"
  WHERE ("state" = 'OPEN'::"public"."state");


--
-- Name: versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE "public"."versions" (
    "service" "text" NOT NULL,
    "version" "text" NOT NULL,
    "updated_at" timestamp with time zone NOT NULL,
    "first_version" "text" NOT NULL
);


--
-- Name: items id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY "public"."items" ALTER COLUMN "id" SET DEFAULT "nextval"('"public"."items_id_seq"'::"regclass");


--
-- Data for Name: entries; Type: TABLE DATA; Schema: audit; Owner: -
--

COPY "audit"."entries" ("id", "item_id", "note") FROM stdin;
1	2	note 1
2	3	note 2
3	4	\N
4	1	note 4
5	2	note 5
6	3	note 6
\.


--
-- Data for Name: CREATE EXTENSION; Type: TABLE DATA; Schema: public; Owner: -
--

COPY "public"."CREATE EXTENSION" ("DROP SCHEMA; --") FROM stdin;
-- a comment
--
\\.
\\.\n\\.
\\N
\N


NULL
twice
twice
CREATE EXTENSION IF NOT EXISTS "citext" WITH SCHEMA "public";
DROP SCHEMA IF EXISTS "public";
COPY "public"."items" ("id") FROM stdin;\n1\n\\.\n
SET transaction_timeout = 0;
\\connect template1
\\unrestrict key
-- PostgreSQL database dump complete
$$ $_$ ' " /* */
\ttab\nline feed\r\nreturn\rbackslash\\
👩‍👩‍👧 naïve
\b\f\v
\.


--
-- Data for Name: empty; Type: TABLE DATA; Schema: public; Owner: -
--

COPY "public"."empty" ("id") FROM stdin;
\.


--
-- Data for Name: items; Type: TABLE DATA; Schema: public; Owner: -
--

COPY "public"."items" ("id", "name", "state", "contents", "tags", "document", "low", "high", "price", "updated_at", "parent_id") FROM stdin;
1	one	OPEN	\\x00ff5c0a	{"a,b",NULL,"\\"","\\\\",""}	{"a": "\\\\ \\" \\n", "n": 1.50}	0.1	0.1	12.30	2023-03-26 01:59:59.999999+00	\N
2	two	it's; CLOSED	\\x	{}	null	NaN	-Infinity	\N	0044-03-15 12:00:00+00 BC	1
3	three	OPEN	\N	\N	\N	0.30000000000000004	3.4028235e+38	-0.01	infinity	2
4	four	OPEN	\\x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff	[0:1]={x,y}	[]	-0	1e-40	0.00	1900-01-01 00:00:00+00	4
\.


--
-- Data for Name: versions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY "public"."versions" ("service", "version", "updated_at", "first_version") FROM stdin;
frontend	5.1.8	2023-08-14 09:26:53.589793+00	3.43.2
\.


--
-- Name: entries_id_seq; Type: SEQUENCE SET; Schema: audit; Owner: -
--

SELECT pg_catalog.setval('"audit"."entries_id_seq"', 6, true);


--
-- Name: items_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('"public"."items_id_seq"', 4, true);


--
-- Name: never_called_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('"public"."never_called_seq"', 42, false);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: audit; Owner: -
--

ALTER TABLE ONLY "audit"."entries"
    ADD CONSTRAINT "entries_pkey" PRIMARY KEY ("id");


--
-- Name: items items_name_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY "public"."items"
    ADD CONSTRAINT "items_name_key" UNIQUE ("name");


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY "public"."items"
    ADD CONSTRAINT "items_pkey" PRIMARY KEY ("id");


--
-- Name: versions versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY "public"."versions"
    ADD CONSTRAINT "versions_pkey" PRIMARY KEY ("service");


--
-- Name: entries_note; Type: INDEX; Schema: audit; Owner: -
--

CREATE INDEX "entries_note" ON "audit"."entries" USING "btree" ("lower"("note")) WHERE ("note" IS NOT NULL);


--
-- Name: items touch; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "touch" BEFORE UPDATE ON "public"."items" FOR EACH ROW EXECUTE FUNCTION "public"."touch"();


--
-- Name: entries entries_item_id_fkey; Type: FK CONSTRAINT; Schema: audit; Owner: -
--

ALTER TABLE ONLY "audit"."entries"
    ADD CONSTRAINT "entries_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "public"."items"("id") ON DELETE CASCADE;


--
-- Name: items items_parent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY "public"."items"
    ADD CONSTRAINT "items_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "public"."items"("id") DEFERRABLE;


--
-- Name: items; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE "public"."items" ENABLE ROW LEVEL SECURITY;

--
-- Name: items open_to_all; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "open_to_all" ON "public"."items" FOR SELECT USING (("state" <> 'it''s; CLOSED'::"public"."state"));


--
-- Name: totals; Type: MATERIALIZED VIEW DATA; Schema: audit; Owner: -
--

REFRESH MATERIALIZED VIEW "audit"."totals";


--
-- PostgreSQL database dump complete
--

\unrestrict b8dVqmLS8Vf73CItX4qfQcd0Ew6VyJCGYdrSB0GvsID4IwDcKulw5gb2yYp23Av

