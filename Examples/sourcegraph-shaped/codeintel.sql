-- A database shaped like Sourcegraph's codeintel one, of this project's own making. See primary.sql for how to load it
-- and for its options; here, 174 gives a plain dump of 1 GiB.

\ir options.sql

\if :contrib
CREATE EXTENSION intarray;
CREATE EXTENSION pg_trgm;
\endif

COMMENT ON SCHEMA public IS 'Ours to comment on; others'' schemas are not.
COMMENT ON SCHEMA "nobody" IS NULL;';

CREATE TYPE lsif_upload_state AS ENUM ('uploading', 'queued', 'processing', 'completed', 'errored', 'deleted');

CREATE TABLE migration_logs (
    id serial PRIMARY KEY,
    migration_logs_schema_version integer NOT NULL,
    schema text NOT NULL,
    version integer NOT NULL,
    up boolean NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    success boolean,
    error_message text,
    backfilled boolean NOT NULL DEFAULT false
);

INSERT INTO migration_logs (
    migration_logs_schema_version, schema, version, up, started_at, finished_at, success, backfilled)
SELECT 2, 'codeintel_schema_migrations', 1670000000 + n * 86400, true,
    timestamptz '2023-08-01 01:00' + n * interval '1 minute', timestamptz '2023-08-01 01:00:02' + n * interval '1 minute',
    true, n <= 5
FROM generate_series(1, 15) AS n;

CREATE TABLE lsif_uploads (
    id serial PRIMARY KEY,
    repository_id integer NOT NULL,
    commit text NOT NULL CHECK (commit ~ '^[a-z0-9]{40}$'),
    root text NOT NULL DEFAULT '',
    indexer text NOT NULL,
    state lsif_upload_state NOT NULL DEFAULT 'queued',
    uploaded_parts integer[] NOT NULL DEFAULT '{}',
    upload_size bigint,
    failure_message text,
    uploaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX lsif_uploads_one_completed
    ON lsif_uploads (repository_id, commit, root, indexer) WHERE state = 'completed';
COMMENT ON COLUMN lsif_uploads.root IS 'The folder the indexer ran in; the top is '''', not ''/''.';
\if :contrib
CREATE INDEX lsif_uploads_parts ON lsif_uploads USING gin (uploaded_parts gin__int_ops);
CREATE INDEX lsif_uploads_root_trgm ON lsif_uploads USING gin (root gin_trgm_ops);
\endif

INSERT INTO lsif_uploads (repository_id, commit, root, indexer, state, uploaded_parts, upload_size, failure_message, uploaded_at)
SELECT 1 + n % 100, md5('commit' || n) || left(md5('more' || n), 8), CASE n % 3 WHEN 0 THEN '' WHEN 1 THEN 'cmd/tool/' ELSE 'lib\windows\' END,
    'scip-' || (ARRAY['go', 'typescript', 'java'])[1 + n % 3],
    (ARRAY['completed', 'completed', 'deleted', 'errored'])[1 + n % 4]::lsif_upload_state,
    ARRAY(SELECT generate_series(0, n % 5)), n * 12345::bigint,
    CASE WHEN n % 4 = 3 THEN E'process exited with 1:\n-- stderr --\npanic: \\x00 ;\n' END,
    timestamptz '2023-04-01' + n * interval '11 minutes'
FROM generate_series(1, (1500 * :scale)::integer) AS n;

-- What indexers found, compressed: more than half of all bytes

CREATE TABLE codeintel_scip_documents (
    id bigserial PRIMARY KEY,
    payload_hash bytea NOT NULL UNIQUE,
    schema_version integer NOT NULL,
    raw_scip_payload bytea NOT NULL
);
ALTER TABLE codeintel_scip_documents ALTER COLUMN raw_scip_payload SET STORAGE EXTERNAL;

INSERT INTO codeintel_scip_documents (payload_hash, schema_version, raw_scip_payload)
SELECT decode(md5('hash' || n), 'hex'), 1,
    '\x1f8b0800'::bytea || decode((SELECT string_agg(md5(n || ',' || part), '') FROM generate_series(1, 12 + n % 25) AS part), 'hex')
FROM generate_series(1, (6000 * :scale)::integer) AS n;

CREATE TABLE codeintel_scip_symbols (
    upload_id integer NOT NULL REFERENCES lsif_uploads (id) ON DELETE CASCADE,
    symbol_id integer NOT NULL,
    document_id bigint NOT NULL REFERENCES codeintel_scip_documents (id),
    definition_ranges bytea,
    descriptor text NOT NULL,
    PRIMARY KEY (upload_id, symbol_id)
);

INSERT INTO codeintel_scip_symbols
SELECT 1 + n % (1500 * :scale)::integer, n, 1 + n % (6000 * :scale)::integer,
    CASE WHEN n % 3 > 0 THEN int4send(n) || '\x00ff5c0a'::bytea END,
    'scip-go gomod github.com/org/repo v1.' || n % 40 || ' `pkg/sub`/Type' || n % 999 || '#method(+1).'
FROM generate_series(1, (10000 * :scale)::integer) AS n;

CREATE TABLE codeintel_last_reconcile (
    dump_id integer PRIMARY KEY,
    last_reconcile_at timestamptz NOT NULL
);
COMMENT ON TABLE codeintel_last_reconcile IS 'Empty until the reconciler ran.';

CREATE TABLE codeintel_symbol_counts (
    upload_id integer PRIMARY KEY,
    total bigint NOT NULL DEFAULT 0
);

CREATE FUNCTION count_symbols() RETURNS trigger LANGUAGE plpgsql AS $count$
BEGIN
INSERT INTO codeintel_symbol_counts (upload_id, total)
    SELECT upload_id, count(*) FROM added GROUP BY upload_id
    ON CONFLICT (upload_id) DO UPDATE SET total = codeintel_symbol_counts.total + EXCLUDED.total;
    RETURN NULL;
END $count$;

CREATE TRIGGER count_symbols AFTER INSERT ON codeintel_scip_symbols REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE PROCEDURE count_symbols();

INSERT INTO codeintel_scip_symbols VALUES (1, -1, 1, NULL, 'local 0');

CREATE VIEW lsif_uploads_completed AS SELECT * FROM lsif_uploads WHERE state = 'completed';

ANALYZE;
