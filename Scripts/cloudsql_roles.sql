-- The roles of a Cloud SQL instance, as closely as a PostgreSQL of one's own can have them (11 or later).
--
-- Run it once in a new cluster, as its superuser `cloudsqladmin` (which on Cloud SQL is Google's and nobody else's),
-- with the logins' password in the psql variable `password`.

-- What Cloud SQL gives its customers in place of a superuser. It owns what an import makes.
CREATE ROLE cloudsqlsuperuser NOLOGIN CREATEDB CREATEROLE;
GRANT pg_monitor, pg_signal_backend TO cloudsqlsuperuser;
SELECT :SERVER_VERSION_NUM >= 150000 AS has_checkpoint,
  EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements') AS has_statements \gset
\if :has_checkpoint
GRANT pg_checkpoint TO cloudsqlsuperuser;
\endif

-- The login behind `instances.import` when the request names no importUser.
CREATE ROLE cloudsqlimportexport LOGIN CREATEDB CREATEROLE IN ROLE cloudsqlsuperuser PASSWORD :'password';

-- Two users made through the Admin API: the one every instance comes with, and Sourcegraph's administrator.
CREATE ROLE postgres LOGIN CREATEDB CREATEROLE IN ROLE cloudsqlsuperuser PASSWORD :'password';
CREATE ROLE "sourcegraph-admin" LOGIN CREATEDB CREATEROLE IN ROLE cloudsqlsuperuser PASSWORD :'password';

-- A user made with plain SQL is no member of cloudsqlsuperuser.
CREATE ROLE app LOGIN PASSWORD :'password';

ALTER DATABASE template1 OWNER TO cloudsqlsuperuser;
ALTER DATABASE postgres OWNER TO cloudsqlsuperuser;
GRANT ALL ON SCHEMA public TO cloudsqlsuperuser;

-- Databases made from now on inherit what is in template1.
\connect template1
GRANT ALL ON SCHEMA public TO cloudsqlsuperuser;

-- Cloud SQL lets cloudsqlsuperuser create this extension. Elsewhere it is not a trusted one, so that only a superuser
-- may; here the databases have it from the start, and their CREATE EXTENSION IF NOT EXISTS finds it there.
\if :has_statements
CREATE EXTENSION pg_stat_statements;
\endif
