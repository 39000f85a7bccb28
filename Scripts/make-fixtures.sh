#!/usr/bin/env bash
# Makes the dumps in Tests/DumpSamples/Fixtures/dumps again, each with the server and the pg_dump of its version.
# The key after \restrict is another one every time; nothing else changes.
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/pg-versions.sh"

dumps=$(dirname "$scripts")/Tests/DumpSamples/Fixtures/dumps
export PGPASSWORD=fixture PGTZ=UTC
scratch_folder

for major in $postgres_majors; do
    fetch_postgres "$major"
    PG_BIN=$(version_bin "$major")
    port=$(scratch_cluster "$scratch/$major" sg)
    connection=(-h 127.0.0.1 -p "$port" -U sg)
    "$PG_BIN/createdb" "${connection[@]}" sg
    "$PG_BIN/psql" "${connection[@]}" -X -q -v ON_ERROR_STOP=1 -d sg -f "$dumps/schema.sql"
    "$PG_BIN/pg_dump" "${connection[@]}" --dbname=sg --clean --format=plain --if-exists --no-acl --no-owner \
        --quote-all-identifiers >"$dumps/pg_dump-$major.sql"
    stop_cluster "$scratch/$major"
    say "pg_dump-$major.sql: $(wc -c <"$dumps/pg_dump-$major.sql" | tr -d ' ') bytes"
done
