-- What the three scripts have in common: included by each, of no use alone.

\set QUIET on

-- How many times the usual rows; a fraction will do.
\if :{?scale}
\else
  \set scale 1
\endif

-- Whether the server has the contrib extensions. Without them their types fall back to text.
\if :{?contrib}
\else
  \set contrib on
\endif
\if :contrib
  \set citext citext
  \set hstore hstore
\else
  \set citext text
  \set hstore text
\endif

SELECT :SERVER_VERSION_NUM >= 120000 AS generated_columns, :SERVER_VERSION_NUM >= 140000 AS sql_bodies \gset

SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SET synchronous_commit = off;
