-- A database shaped like Sourcegraph's primary one, of this project's own making: the same kinds of objects, fewer of
-- them, and rows that try to be taken for SQL. The same options give the same rows every time.
--
-- As a superuser, into an empty database of PostgreSQL 11 or later:
--
--   psql -X -v ON_ERROR_STOP=1 -d sg -f primary.sql
--
--   -v scale=N      how many times the usual rows, fractions too; 49 gives a plain dump of 1 GiB
--   -v contrib=off  for a server without the contrib extensions

\ir options.sql

\if :contrib
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION intarray;
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION pgcrypto;

COMMENT ON EXTENSION citext IS 'compares without case; it''s what user names are made of
COMMENT ON EXTENSION "is not a statement here"; nor is this one;
-- and this is no comment';
\endif

CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'who did what; a schema other than public';

-- Types

CREATE TYPE changeset_state AS ENUM ('UNPUBLISHED', 'OPEN', 'MERGED', 'CLOSED', 'it''s complicated; really');
CREATE TYPE audit.verb AS ENUM ('CREATE', 'ALTER', 'DROP');
CREATE TYPE line_range AS (first integer, last integer);
CREATE DOMAIN email_address AS text CHECK (VALUE LIKE '%_@_%');

-- Sequences that no column owns; nobody ever called the second one.

CREATE SEQUENCE audit.ticket_seq AS integer START 1000 INCREMENT 7 CACHE 3;
CREATE SEQUENCE never_called_seq MINVALUE -5 START -5;
SELECT max(nextval('audit.ticket_seq')) AS ignored FROM generate_series(1, 10) \gset

-- The instance itself

CREATE TABLE versions (
    service text PRIMARY KEY,
    version text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    first_version text NOT NULL
);
COMMENT ON TABLE versions IS 'The version that each service last ran as.';

INSERT INTO versions VALUES ('frontend', '5.1.8', '2023-08-14 09:26:53.589793+00', '3.43.2');

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
    migration_logs_schema_version, schema, version, up, started_at, finished_at, success, error_message, backfilled)
SELECT 2, 'schema_migrations', 1680000000 + n * 86400, true,
    timestamptz '2023-08-01' + n * interval '1 minute', timestamptz '2023-08-01 00:00:01.5' + n * interval '1 minute',
    true, NULL, n <= 20
FROM generate_series(1, 40) AS n;

INSERT INTO migration_logs (
    migration_logs_schema_version, schema, version, up, started_at, finished_at, success, error_message)
VALUES
    (2, 'schema_migrations', 1683542400, true, '2023-08-02', '2023-08-02 00:00:03', false,
        E'ERROR: relation "user_roles" already exists (SQLSTATE 42P07)\n\tat character 14; rolled back'),
    (2, 'schema_migrations', 1683542400, true, '2023-08-02 00:05', '2023-08-02 00:05:03', true, NULL);

CREATE TABLE out_of_band_migrations (
    id integer PRIMARY KEY,
    team text NOT NULL,
    component text NOT NULL,
    description text NOT NULL,
    progress double precision NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
    introduced_version_major integer NOT NULL,
    introduced_version_minor integer NOT NULL,
    deprecated_version_major integer,
    deprecated_version_minor integer,
    apply_reverse boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE out_of_band_migrations IS 'Changes to data that run beside the instance; done when progress is 1.';

INSERT INTO out_of_band_migrations VALUES
    (1, 'code-intelligence', 'lsif_data_documents', 'Moves diagnostics', 1, 3, 25, 4, 0),
    (2, 'batch-changes', 'site_credentials', 'Encrypts tokens', 1, 3, 28, 4, 0),
    (20, 'repo-management', 'external_services.secrets', 'Encrypts "configs"; slowly', 1, 4, 3, 4, 6),
    (21, 'search', 'contexts', 'Still on its way', 0.6327, 5, 1, NULL, NULL);

CREATE TABLE global_state (
    site_id uuid PRIMARY KEY,
    initialized boolean NOT NULL DEFAULT false
);

INSERT INTO global_state VALUES (md5('site')::uuid, true);

CREATE TABLE critical_and_site_config (
    id serial PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('critical', 'site')),
    contents text NOT NULL,
    created_at timestamptz NOT NULL
);

INSERT INTO critical_and_site_config (type, contents, created_at)
SELECT 'site', format($json${
  // Revision %s; "notices": []
  "externalURL": "https://sourcegraph.example.com",
  "auth.providers": [{"type": "builtin", "allowSignup": false}],
  "search.limits": {"maxRepos": %s},
}
$json$, n, n),
    timestamptz '2023-01-01' + n * interval '1 day'
FROM generate_series(1, 25) AS n;

-- Users

CREATE TABLE users (
    id serial PRIMARY KEY,
    username :citext NOT NULL UNIQUE,
    display_name text,
    avatar_url text,
    site_admin boolean NOT NULL DEFAULT false,
    tags text[] DEFAULT '{}',
    preferences :hstore,
    passwd_hash text,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    old_flags integer,
    CONSTRAINT users_display_name_max_length CHECK (char_length(display_name) <= 255)
);
ALTER TABLE users DROP COLUMN old_flags; -- a hole in the numbering of the columns
COMMENT ON TABLE users IS 'People, and a few robots.
Rows are never deleted; deleted_at is set instead.

A COPY of this table must name its columns: "id", ''username'', … ;
\.';
COMMENT ON COLUMN users.tags IS E'comma\tseparated; not\\really';

INSERT INTO users (username, display_name, site_admin, tags, preferences, passwd_hash, created_at, deleted_at)
SELECT 'User-' || n, CASE WHEN n % 7 > 0 THEN 'Usér ' || chr(945 + n % 24) || ' №' || n END, n = 1,
    CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN '{}' WHEN 2 THEN ARRAY['beta', 'a,b', '"quoted"'] ELSE ARRAY[NULL, 'NULL', '', '{}\'] END,
    CAST(format('theme=>%s, "key with => inside"=>NULL', (ARRAY['dark', '"light; dark"'])[1 + n % 2]) AS :hstore),
    '$2a$10$' || md5('password' || n),
    timestamptz '2020-02-29 12:00' + n * interval '10007 seconds',
    CASE WHEN n % 50 = 0 THEN timestamptz '2023-03-26 01:59:59.999999' END
FROM generate_series(1, 500) AS n;

CREATE TABLE user_emails (
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email email_address NOT NULL,
    verified_at timestamptz,
    is_primary boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, email)
);
CREATE UNIQUE INDEX user_emails_one_primary ON user_emails (user_id) WHERE is_primary;

INSERT INTO user_emails
SELECT id, 'user' || id || '@example.com', created_at + interval '1 hour', true FROM users;

CREATE TABLE user_external_accounts (
    id bigserial PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users (id),
    service_type text NOT NULL,
    account_id text NOT NULL,
    auth_data bytea,
    encryption_key_id text NOT NULL DEFAULT ''
);

INSERT INTO user_external_accounts (user_id, service_type, account_id, auth_data)
SELECT id, 'github', md5('account' || id), decode(repeat(md5('auth' || id), id % 5), 'hex') FROM users;

CREATE TABLE settings (
    id serial PRIMARY KEY,
    user_id integer REFERENCES users (id),
    contents text NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO settings (user_id, contents, created_at)
SELECT nullif(n % 100, 0), format(E'{\n\t"search.contextLines": %s, // "\\" and ''%%''\r\n}', n % 9),
    timestamptz '2022-12-31 23:59:59' + n * interval '1 hour'
FROM generate_series(1, 300) AS n;

-- Code hosts and repositories

CREATE TABLE external_services (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    display_name text NOT NULL,
    config text NOT NULL,
    encryption_key_id text NOT NULL DEFAULT '',
    cloud_default boolean NOT NULL DEFAULT false
);

INSERT INTO external_services (kind, display_name, config)
SELECT (ARRAY['GITHUB', 'GITLAB', 'BITBUCKETSERVER'])[1 + n % 3], 'Code host #' || n,
    json_build_object('url', 'https://code' || n || '.example.com/', 'token', md5('token' || n), 'repos', ARRAY['a/b', 'c\d'])
FROM generate_series(1, 12) AS n;

CREATE TABLE repo (
    id serial PRIMARY KEY,
    name :citext NOT NULL UNIQUE,
    description text,
    fork boolean,
    private boolean NOT NULL DEFAULT false,
    stars integer NOT NULL DEFAULT 0,
    topics text[],
    language_ids integer[],
    metadata jsonb NOT NULL DEFAULT '{}',
    size_in_kb numeric(20, 3),
    score double precision,
    weight real,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz,
    CONSTRAINT repo_metadata_is_an_object CHECK (jsonb_typeof(metadata) = 'object')
);
\if :generated_columns
ALTER TABLE repo ADD COLUMN popular boolean GENERATED ALWAYS AS (stars >= 1000) STORED;
ALTER TABLE repo ADD COLUMN blocked_reason text GENERATED ALWAYS AS (metadata #>> '{blocked,reason}') STORED;
\endif

INSERT INTO repo (
    name, description, fork, private, stars, topics, language_ids, metadata, size_in_kb, score, weight, created_at)
SELECT 'code' || 1 + n % 12 || '.example.com/Org-' || n % 97 || '/repo-' || n,
    CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'A repository; it has "quotes", a \ and a tab	inside' END,
    nullif(n % 3, 2)::boolean, n % 4 = 0, (n::bigint * 7919 % 5000)::integer, ARRAY['topic-' || n % 20, NULL, 'two words'],
    CASE WHEN n % 6 > 0 THEN ARRAY[n % 6, n % 11, -n] END,
    jsonb_build_object('id', md5('repo' || n), 'url', 'https://code.example.com/' || n, 'viewer', 'READ',
        'languages', jsonb_build_array('Go', 'Swift', n % 30, NULL), 'note', E'line one\nline two \\ "three"')
        || CASE WHEN n % 500 = 0 THEN '{"blocked": {"reason": "too large; for now"}}' ELSE '{}'::jsonb END,
    (n * 1234.567)::numeric(20, 3), ln(n) / 3, sqrt(n), timestamptz '2021-06-01' + n * interval '61.5 seconds'
FROM generate_series(1, (10000 * :scale)::integer) AS n;

CREATE INDEX repo_metadata_gin ON repo USING gin (metadata jsonb_path_ops);
CREATE INDEX repo_stars ON repo (stars DESC NULLS LAST) WHERE NOT private;
CREATE STATISTICS repo_fork_private (dependencies) ON fork, private FROM repo;
\if :contrib
CREATE INDEX repo_name_trgm ON repo USING gin (lower(name::text) gin_trgm_ops);
CREATE INDEX repo_language_ids ON repo USING gin (language_ids gin__int_ops);
\endif

CREATE TABLE external_service_repos (
    external_service_id bigint NOT NULL REFERENCES external_services (id),
    repo_id integer NOT NULL REFERENCES repo (id) ON DELETE CASCADE,
    clone_url text NOT NULL,
    PRIMARY KEY (repo_id, external_service_id)
);

INSERT INTO external_service_repos
SELECT 1 + id % 12, id, 'https://git@' || name || '.git' FROM repo;

CREATE TABLE repo_embedding_weights (
    repo_id integer PRIMARY KEY REFERENCES repo (id),
    low double precision,
    high real,
    matrix integer[][] NOT NULL,
    lines line_range
);
COMMENT ON TABLE repo_embedding_weights IS 'Numbers that do not survive a careless trip through text.';

INSERT INTO repo_embedding_weights VALUES
    (1, 0.1::double precision + 0.2, 0.1, '{{1,2},{3,4}}', '(1,2)'),
    (2, 'NaN', '-Infinity', '[0:2]={7,8,9}', '(,5)'),
    (3, 2.2250738585072014e-308, 1e-40, '{}', NULL),
    (4, '-0', 3.4028235e38, '{NULL,-1}', '(-2147483648,2147483647)'),
    (5, 1.7976931348623157e308, 16777217, '{{{0}}}', '(,)');

-- Permissions

CREATE TYPE permission_sync_state AS ENUM ('queued', 'processing', 'completed', 'errored');

CREATE TABLE permission_sync_jobs (
    id bigserial PRIMARY KEY,
    state permission_sync_state NOT NULL DEFAULT 'queued',
    reason text NOT NULL,
    user_id integer REFERENCES users (id) ON DELETE CASCADE,
    repository_id integer REFERENCES repo (id) ON DELETE CASCADE,
    failure_message text,
    code_host_states json[],
    queued_at timestamptz DEFAULT now(),
    CONSTRAINT permission_sync_jobs_one_subject CHECK ((user_id IS NULL) <> (repository_id IS NULL))
);
CREATE INDEX permission_sync_jobs_open ON permission_sync_jobs (queued_at) WHERE state IN ('queued', 'processing');

INSERT INTO permission_sync_jobs (state, reason, user_id, repository_id, failure_message, code_host_states, queued_at)
SELECT CASE n % 10 WHEN 0 THEN 'errored' WHEN 1 THEN 'queued' ELSE 'completed' END::permission_sync_state,
    'REASON_USER_OUTDATED_PERMS', CASE WHEN n % 2 = 0 THEN 1 + n % 500 END, CASE WHEN n % 2 = 1 THEN 1 + n % 100 END,
    CASE WHEN n % 10 = 0 THEN E'dial tcp: lookup code.example.com:\n\tno such host; retried 3 times' END,
    ARRAY[json_build_object('provider_id', 'https://code.example.com/', 'status', 'SUCCESS', 'n', n)],
    timestamptz '2023-08-01' + n * interval '3 seconds'
FROM generate_series(1, (6000 * :scale)::integer) AS n;

CREATE TABLE user_permissions (
    user_id integer NOT NULL REFERENCES users (id),
    permission text NOT NULL,
    object_ids integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, permission)
);

INSERT INTO user_permissions
SELECT u.id, 'read', ARRAY(SELECT g * 3 + u.id FROM generate_series(1, u.id % 40) AS g) FROM users AS u;

-- Batch changes: a cycle of foreign keys, so that no order of the tables is the right one

CREATE TABLE batch_specs (
    id bigserial PRIMARY KEY,
    rand_id text NOT NULL,
    raw_spec text NOT NULL,
    spec jsonb NOT NULL DEFAULT '{}',
    batch_change_id bigint,
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN batch_specs.raw_spec IS 'YAML, as its author wrote it; spec is what was understood.';

CREATE TABLE batch_changes (
    id bigserial PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    description text,
    creator_id integer REFERENCES users (id) ON DELETE SET NULL,
    batch_spec_id bigint NOT NULL REFERENCES batch_specs (id) DEFERRABLE,
    closed_at timestamptz
);
ALTER TABLE batch_specs ADD CONSTRAINT batch_specs_batch_change_id_fkey
    FOREIGN KEY (batch_change_id) REFERENCES batch_changes (id) ON DELETE SET NULL DEFERRABLE;

INSERT INTO batch_specs (rand_id, raw_spec, spec, created_at)
SELECT md5('spec' || n), format($yaml$name: change-%s
on:
  - repositoriesMatchingQuery: lang:go "TODO"
steps:
  - run: sed -i -e 's/\bfoo\b/bar/g' $(git ls-files)
    container: alpine:3
$yaml$, n),
    jsonb_build_object('name', 'change-' || n, 'steps', jsonb_build_array(jsonb_build_object('run', E'sed \\ "x"\n'))),
    timestamptz '2023-05-01' + n * interval '1 hour'
FROM generate_series(1, 200) AS n;

INSERT INTO batch_changes (name, description, creator_id, batch_spec_id, closed_at)
SELECT 'change-' || n, E'## Why\r\n\r\n* because; "reasons"\r\n', n, n, CASE WHEN n % 3 = 0 THEN timestamptz '2023-07-01' END
FROM generate_series(1, 200) AS n;

UPDATE batch_specs SET batch_change_id = id WHERE id % 2 = 0;

CREATE TABLE changesets (
    id bigserial PRIMARY KEY,
    batch_change_id bigint REFERENCES batch_changes (id) ON DELETE CASCADE,
    repo_id integer NOT NULL REFERENCES repo (id),
    state changeset_state NOT NULL DEFAULT 'UNPUBLISHED',
    metadata jsonb DEFAULT '{}',
    diff bytea,
    updated_at timestamptz NOT NULL
);

INSERT INTO changesets (batch_change_id, repo_id, state, metadata, diff, updated_at)
SELECT 1 + n % 200, 1 + n % 100,
    (ARRAY['UNPUBLISHED', 'OPEN', 'MERGED', 'CLOSED', 'it''s complicated; really'])[1 + n % 5]::changeset_state,
    jsonb_build_object('title', 'Replace foo by bar (' || n || ')', 'body', repeat(md5('body' || n) || E'\n', 6),
        'labels', jsonb_build_array('automated', NULL, jsonb_build_object('color', '#' || left(md5('label' || n), 6)))),
    convert_to(format(E'--- a/main.go\n+++ b/main.go\n@@ -%s,1 +%s,1 @@\n-foo\n+bar\\baz\t%s\n', n, n, repeat(md5('diff' || n), 4)), 'UTF8'),
    timestamptz '2023-06-01' + n * interval '97 seconds'
FROM generate_series(1, (5000 * :scale)::integer) AS n;

-- Events: more than half of all bytes

CREATE TABLE event_logs (
    id bigserial PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    url text NOT NULL,
    user_id integer NOT NULL,
    argument jsonb NOT NULL,
    public_argument jsonb NOT NULL DEFAULT '{}',
    version text NOT NULL,
    "timestamp" timestamptz NOT NULL
);

INSERT INTO event_logs (name, url, user_id, argument, public_argument, version, "timestamp")
SELECT (ARRAY['ViewBlob', 'ViewRepository', 'SearchResultsQueried', 'codeintel.hover', 'CompletionAccepted'])[1 + n % 5],
    'https://sourcegraph.example.com/search?q=context:global+' || left(md5('query' || n), 12) || '&patternType=standard',
    n % 500,
    jsonb_build_object('query', 'repo:^org-' || n % 97 || '$ "' || md5('query' || n) || '" \bfoo\b',
        'trace', md5('trace' || n), 'duration_ms', n % 4001 / 7.0,
        'results', jsonb_build_object('count', n % 500, 'limitHit', n % 11 = 0, 'repos', jsonb_build_array(n % 97, n % 89, n % 83))),
    jsonb_build_object('page', n % 40, 'experiments', jsonb_build_array('a', left(md5('e' || n), 8))),
    '5.1.' || n % 9,
    timestamptz '2023-01-01' + n * interval '1.234567 seconds'
FROM generate_series(1, (30000 * :scale)::integer) AS n;

CREATE INDEX event_logs_name_timestamp ON event_logs (name, "timestamp" DESC);
CREATE INDEX event_logs_user_id ON event_logs (user_id);

-- A table in parts

CREATE TABLE audit.webhook_logs (
    id bigint GENERATED ALWAYS AS IDENTITY,
    received_at timestamptz NOT NULL,
    verb audit.verb NOT NULL,
    request json NOT NULL
) PARTITION BY RANGE (received_at);
CREATE TABLE audit.webhook_logs_2022 PARTITION OF audit.webhook_logs FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
CREATE TABLE audit.webhook_logs_2023 PARTITION OF audit.webhook_logs FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE INDEX webhook_logs_received_at ON audit.webhook_logs (received_at);

INSERT INTO audit.webhook_logs (received_at, verb, request)
SELECT timestamptz '2022-09-01' + n * interval '8 hours', (ARRAY['CREATE', 'ALTER', 'DROP'])[1 + n % 3]::audit.verb,
    ('{"spaces" :  "kept by json",' || E'\n' || ' "n": ' || n || ', "n": "twice"}')::json
FROM generate_series(1, 600) AS n;

-- Tables that no dump should trip over

CREATE TABLE product_licenses (
    id uuid PRIMARY KEY,
    license_key text NOT NULL,
    revoked_at timestamptz
);
COMMENT ON TABLE product_licenses IS 'Empty, and to be found empty.';

CREATE TABLE "CREATE EXTENSION" (
    "IF NOT EXISTS" text,
    "DROP SCHEMA; --" text,
    "it's a ""column""" integer
);
COMMENT ON TABLE "CREATE EXTENSION" IS 'DROP EXTENSION "CREATE EXTENSION"; -- $$ /* \';

-- Each of these is the beginning of a line of the dump.
INSERT INTO "CREATE EXTENSION" VALUES
    ('-- a comment', 'begins like a comment', 1),
    ('--', 'is one', 2),
    ('\.', 'the end of COPY data', 3),
    (E'\\.\n\\.', 'and again', 4),
    ('\N', 'not a NULL', 5),
    (NULL, 'a NULL', 6),
    ('', 'not a NULL either', 7),
    ('NULL', 'the word', 8),
    ('CREATE EXTENSION IF NOT EXISTS "citext" WITH SCHEMA "public";', 'a statement', 9),
    ('DROP EXTENSION IF EXISTS "pg_trgm";', 'a statement', 10),
    ('COMMENT ON EXTENSION "citext" IS ''…'';', 'a statement', 11),
    (E'COPY "public"."users" ("id") FROM stdin;\n1\n\\.\n', 'a block within a block', 12),
    ('SET transaction_timeout = 0;', 'a setting', 13),
    ('\connect template1', 'a meta-command', 14),
    ('\restrict key', 'a meta-command', 15),
    ('\! echo', 'a meta-command', 16),
    ('-- PostgreSQL database dump complete', 'the trailer', 17),
    (E'--\n-- PostgreSQL database dump complete\n--\n', 'the trailer in full', 18),
    (E'\ttabs\t\t\\t', E'\t', 19),
    (E'line feed\ncarriage return\r\nboth\r', E'\r', 20),
    ('ends with a backslash \', '\', 21),
    (E'\b\f\x0b\x01\x7f', 'control characters', 22),
    ('$$ $_$ $body$ '' " /* */', 'what opens a quotation', 23),
    ('👩‍👩‍👧‍👦 naïve e' || chr(769) || ' ' || chr(8238) || 'מימין' || chr(8232) || chr(65279), 'beyond ASCII', 24),
    (repeat('0123456789abcde\', 12500), 'longer than any buffer', 25);

-- One column: an empty string is an empty line. Rows may be equal.
CREATE TABLE snippets (body text);

INSERT INTO snippets VALUES (''), (''), (NULL), ('\.'), ('\N'), ('--'), ('twice'), ('twice'), (E'\n'), ('\');

CREATE TABLE blobs (sha bytea PRIMARY KEY, contents bytea NOT NULL);

INSERT INTO blobs
SELECT decode(md5('blob' || n), 'hex'),
    decode((SELECT string_agg(lpad(to_hex(byte), 2, '0'), '' ORDER BY (byte + n) % 256) FROM generate_series(0, 255) AS byte), 'hex')
FROM generate_series(1, 100) AS n;

-- Functions and triggers. Their bodies have lines that only a reader of quotations tells from statements.

CREATE FUNCTION rebuild_search_index(target text) RETURNS void LANGUAGE plpgsql AS $rebuild$
BEGIN
    EXECUTE $inner$
CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA "public";
DROP SCHEMA IF EXISTS "scratch" CASCADE;
CREATE TABLE IF NOT EXISTS "search_index" (body text);
INSERT INTO search_index VALUES ($$it's; quoted$$);
COMMENT ON EXTENSION "pg_trgm" IS 'not at the top';
\.
-- PostgreSQL database dump complete
$inner$;
    RAISE NOTICE '% /* no comment', $_$a tag that pg_dump likes$_$;
END
$rebuild$;
COMMENT ON FUNCTION rebuild_search_index(text) IS 'Never called; made to be misread.
CREATE EXTENSION "no";
INSERT INTO nothing; -- ''quoted'' and \\ twice';

CREATE FUNCTION users_soft_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL AND OLD.deleted_at IS NULL THEN
INSERT INTO audit.deletions (user_id, username, ticket) VALUES (NEW.id, NEW.username, nextval('audit.ticket_seq'));
        NEW.display_name := NULL;
    END IF;
    RETURN NEW;
END;
$$;

CREATE FUNCTION audit.count_repos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit.repo_statistics SET total = total + (SELECT count(*) FROM gone_or_new);
    RETURN NULL;
END $$;

CREATE FUNCTION next_label(prefix text DEFAULT E'it\'s;\n') RETURNS text LANGUAGE sql STABLE AS
    'SELECT prefix || ''"'' || count(*)::text || ''";'' FROM public.users';

CREATE PROCEDURE close_batch_changes(before timestamptz) LANGUAGE sql AS $$
    UPDATE public.batch_changes SET closed_at = before WHERE closed_at IS NULL;
$$;

\if :sql_bodies
CREATE FUNCTION changeset_summary(change bigint) RETURNS TABLE (state changeset_state, total bigint) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN c.state = 'OPEN' THEN 'MERGED' ELSE c.state END, count(*)
    FROM changesets AS c WHERE c.batch_change_id = change GROUP BY 1;
    SELECT state, CASE WHEN count(*) > 1 THEN CASE WHEN true THEN count(*) END ELSE 0 END AS "end"
    FROM changesets WHERE batch_change_id = change GROUP BY state;
END;
\endif

\if :contrib
CREATE FUNCTION fingerprint(value text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT digest(value, 'sha256') $$;
\endif

CREATE TABLE audit.deletions (
    user_id integer NOT NULL,
    username :citext NOT NULL,
    ticket integer NOT NULL DEFAULT nextval('audit.ticket_seq'),
    deleted_at timestamptz NOT NULL DEFAULT '2023-08-14 00:00+00'
);
CREATE TABLE audit.repo_statistics (total bigint NOT NULL);
INSERT INTO audit.repo_statistics SELECT count(*) FROM repo;

CREATE TRIGGER users_soft_delete BEFORE UPDATE OF deleted_at ON users FOR EACH ROW EXECUTE PROCEDURE users_soft_delete();
CREATE TRIGGER repo_count_insert AFTER INSERT ON repo REFERENCING NEW TABLE AS gone_or_new
    FOR EACH STATEMENT EXECUTE PROCEDURE audit.count_repos();
ALTER TABLE repo DISABLE TRIGGER repo_count_insert;
COMMENT ON TRIGGER users_soft_delete ON users IS 'keeps who was deleted; not why';

UPDATE users SET deleted_at = '2023-08-14 00:00+00' WHERE id IN (3, 33, 333);

-- Views. The first is defined by a table's primary key, which pg_dump adds long after the tables.

CREATE VIEW batch_change_sizes AS
    SELECT b.id, b.name, count(c.id) AS changesets
    FROM batch_changes AS b LEFT JOIN changesets AS c ON c.batch_change_id = b.id
    GROUP BY b.id;

CREATE VIEW reconciler_changesets AS
    SELECT c.*, 'CREATE TABLE x;'::text AS "-- not a comment"
    FROM changesets AS c JOIN repo AS r ON r.id = c.repo_id
    WHERE r.name <> 'a;b' AND c.state <> 'CLOSED';
COMMENT ON VIEW reconciler_changesets IS 'What the reconciler looks at;
all but what is closed.';

CREATE MATERIALIZED VIEW audit.events_by_day AS
    SELECT date_trunc('day', "timestamp" AT TIME ZONE 'UTC') AS day, name, count(*) AS total
    FROM event_logs GROUP BY 1, 2;
CREATE UNIQUE INDEX events_by_day_key ON audit.events_by_day (day, name);

CREATE RULE product_licenses_are_kept AS ON DELETE TO product_licenses DO INSTEAD NOTHING;

-- Row-level security, which is not for the owner, so that a dump sees every row

ALTER TABLE repo ENABLE ROW LEVEL SECURITY;
CREATE POLICY repo_is_public ON repo FOR SELECT USING (NOT private);
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY settings_are_ones_own ON settings
    USING (user_id = nullif(current_setting('app.user_id', true), '')::integer)
    WITH CHECK (contents <> 'DROP SCHEMA "public";');
COMMENT ON POLICY settings_are_ones_own ON settings IS 'one''s own; nobody else''s';

ANALYZE;
