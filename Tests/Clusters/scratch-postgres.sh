# shellcheck shell=bash
# The PostgreSQL clusters of one run of the tests. Lives as long as its standard input is open: the kernel closes that
# when the tests end, whichever way they do, and then the servers stop and their folder goes.
set -euo pipefail

cd "$1"
. Scripts/postgres.sh
. Scripts/example.sh

PG_BIN=$(PATH=$SEARCH_PATH find_postgres) || fail "PostgreSQL $minimum_major or later is needed: run \`make postgres\`."
memory_folder
mkdir -m 700 "$scratch/tests"

# What tests find in their PATH is PostgreSQL alone: from a folder of more than that, such as /usr/bin, a folder of links.
bin=$PG_BIN
mkdir "$scratch/postgres"
for program in "$PG_BIN"/*; do
    case ${program##*/} in
    pg_* | pgbench | psql | postgres | postmaster | initdb | ecpg | oid2name | vacuumdb | vacuumlo | createdb | createuser | \
        dropdb | dropuser | clusterdb | reindexdb)
        ln -s "$program" "$scratch/postgres/"
        ;;
    *) bin=$scratch/postgres ;;
    esac
done

(
    export PGPASSWORD=$SOURCE_PASSWORD
    scratch_cluster "$scratch/source" sg --auth-local=password >"$scratch/source.port"
    load_examples "$(cat "$scratch/source.port")" -v scale=0.02 >&2
) &
filling=$!
PGPASSWORD=$TARGET_PASSWORD cloudsql_cluster "$scratch/target" --auth-local=password >"$scratch/target.port"
wait "$filling"

printf '%s\n' "$bin" "$scratch" "$(cat "$scratch/source.port")" "$(cat "$scratch/target.port")"
cat >/dev/null
