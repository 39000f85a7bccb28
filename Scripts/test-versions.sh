#!/usr/bin/env bash
# Takes the example's databases from every version of PostgreSQL that a Sourcegraph may run on, each dumped by its own
# pg_dump, into the newest one with the roles of Cloud SQL. One line a version; fails if one failed.
#
#   Scripts/test-versions.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/pg-versions.sh"
. "$(dirname "$0")/example.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build/debug}" && pwd)
target_major=18 # no import goes into an older version

# Called for its exit status, so that `set -e` is off in here. `step` is how far it came.
migrate_from() {
    local major=$1 contrib=on port
    has_contrib "$major" || contrib=off
    mkdir -m 700 "$scratch/run-$major" && cd "$scratch/run-$major" || return 1
    PG_BIN=$(version_bin "$major")

    step='start' && port=$(scratch_cluster "$scratch/$major" sg) &&
        step='fill' && load_examples "$port" -v contrib="$contrib" &&
        (umask 077 && example_targets "$port" >targets.yaml) &&
        step='dump' && PATH="$PG_BIN:$PATH" src-snapshot databases pg_dump --targets=targets.yaml --run &&
        step='upload' && src-snapshot upload -bucket=./bucket --without-summary &&
        step='verify' && src-snapshot verify -bucket=./bucket &&
        step='import' && PATH="$(version_bin "$target_major"):$PATH" mi-migrate import --bucket=./bucket --into="$into" --yes
}

for major in $postgres_majors; do
    fetch_postgres "$major"
done
scratch_folder
PG_BIN=$(version_bin "$target_major")
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PATH"
port=$(cloudsql_cluster "$scratch/target")
into=postgres://sourcegraph-admin@127.0.0.1:$port/postgres

failed=0
for major in $postgres_majors; do
    version=$("$(version_bin "$major")/pg_dump" --version | sed 's/.* //')
    started=$SECONDS
    if migrate_from "$major" >"$scratch/$major.log" 2>&1; then
        printf 'PostgreSQL %-6s into %s: ok, %d s\n' "$version" "$target_major" $((SECONDS - started))
    else
        printf 'PostgreSQL %-6s into %s: FAILED at step %s\n' "$version" "$target_major" "$step"
        sed 's/^/    /' "$scratch/$major.log"
        failed=1
    fi
    stop_cluster "$scratch/$major"
done
exit "$failed"
