#!/usr/bin/env bash
# What `mi-migrate import` takes, with its proof, beside psql that loads the same and proves nothing; and the whole way
# through a folder: `src-snapshot run` with `mi-migrate import --follow` behind it, beside dump, upload and import one after
# the other, with the folder as fast as the disk and at 25 MB/s, as behind a line of 200 Mbit/s. Medians of runs that take
# turns. Makes two scratch PostgreSQLs in TMPDIR, with 1.2 GiB each; takes 8 GB.
#
#   Scripts/bench-import.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"
. "$(dirname "$0")/measure.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build/release}" && pwd)
names='primary codeintel codeinsights'

heading() {
    printf '\n%s\n\n| %-44s | %6s | %6s | %5s |\n|%s|--------|--------|-------|\n' "$1" '' s 'CPU s' ratio \
        ----------------------------------------------
}

# row WHAT NAME BASE
row() {
    awk -v what="$1" -v s="$(median wall "$2")" -v cpu="$(median cpu "$2")" -v base="$(median wall "$3")" \
        'BEGIN { printf "| %-44s | %6.2f | %6.2f | %5.2f |\n", what, s, cpu, s / base }'
}

# The databases: 0.9 GB of SQL

ensure_postgres
scratch_folder
trap remove_scratch EXIT
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PG_BIN:$PATH"
say "Making databases of 1.2 GiB in $scratch …"
source=$(scratch_cluster "$scratch/source" sg)
load_example "$source" primary sg -v scale=25
load_example "$source" codeintel codeintel -v scale=40
load_example "$source" codeinsights codeinsights -v scale=60
port=$(cloudsql_cluster "$scratch/target")
stop_cluster "$scratch/target"
# As every Cloud SQL instance has it: all that is loaded is logged.
printf 'wal_level = replica\n' >>"$scratch/target/data/postgresql.conf"
port=$(start_cluster "$scratch/target")
into=postgres://sourcegraph-admin@127.0.0.1:$port/postgres

mkdir -m 700 "$scratch/work"
cd "$scratch/work"
(umask 077 && example_targets "$source" >targets.yaml)
src-snapshot databases pg_dump --targets=targets.yaml --run --json >/dev/null
src-snapshot upload -bucket=file://"$scratch/whole" --without-summary --json >/dev/null
src-snapshot upload -bucket=file://"$scratch/split" --without-summary --split=32MiB --json >/dev/null

# What is measured

sql() { psql -q -X -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" "$@"; }

# Here it takes a superuser, which nobody is in Cloud SQL; new databases are copies of this one.
sql -U cloudsqladmin -d template1 -c 'CREATE EXTENSION pg_stat_statements'

# What an import finds: a database with its extensions, which the snapshot's profile takes out of the dump.
make_databases() {
    local name extension
    for name in $names; do
        sql -U sourcegraph-admin -d postgres -c "DROP DATABASE IF EXISTS \"bench-$name\"" \
            -c "CREATE DATABASE \"bench-$name\"" 2>/dev/null
        for extension in citext hstore intarray pg_trgm pgcrypto uuid-ossp; do
            sql -U cloudsqladmin -d "bench-$name" -c "CREATE EXTENSION \"$extension\""
        done
        sql -U cloudsqladmin -d "bench-$name" -c 'GRANT ALL ON SCHEMA public TO PUBLIC'
    done
}

load_by_psql() {
    local name
    for name in $names; do
        sql -1 -U sourcegraph-admin -d "bench-$name" -f "$scratch/whole/$name.sql" >/dev/null
    done
}

import() { mi-migrate import --bucket=file://"$1" --into="$into" --yes --json "${@:2}"; }

# one_by_one FOLDER [OPTION OF WHAT UPLOADS...]
one_by_one() {
    src-snapshot databases pg_dump --targets=targets.yaml --run --force --json
    src-snapshot upload -bucket=file://"$1" --without-summary --split=32MiB --json "${@:2}"
    import "$1"
}

followed() {
    local run
    mkdir "$1"
    src-snapshot run pg_dump -bucket=file://"$1" --targets=targets.yaml --without-instance --json "${@:2}" &
    run=$!
    import "$1" --follow
    wait "$run"
}

say "Measuring, $runs runs of each …"
for ((i = 0; i < runs; i++)); do
    make_databases
    measure psql load_by_psql
    for name in $names; do sql -U sourcegraph-admin -d postgres -c "DROP DATABASE \"bench-$name\""; done
    for form in whole split; do
        rm -rf "$scratch/$form/mi-migrate"
        measure "import-$form" import "$scratch/$form"
    done
    for rate in '' 25MB/s; do
        line=${rate:+-line}
        rm -rf src-snapshot "$scratch/one" "$scratch/followed"
        measure "one-by-one$line" one_by_one "$scratch/one" ${rate:+--max-rate="$rate"}
        rm -rf src-snapshot
        measure "followed$line" followed "$scratch/followed" ${rate:+--max-rate="$rate"}
    done
done
heading 'Three databases into a PostgreSQL, with their proof'
row 'psql -1 three times, nothing proven' psql psql
row 'import' import-whole psql
row 'import of a snapshot in parts' import-split psql
heading 'The whole way through a folder'
row 'databases --run, upload, import' one-by-one one-by-one
row 'run, and import --follow behind it' followed one-by-one
heading 'The whole way over a line of 200 Mbit/s'
row 'databases --run, upload, import' one-by-one-line one-by-one-line
row 'run, and import --follow behind it' followed-line one-by-one-line
