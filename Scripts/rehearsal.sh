#!/usr/bin/env bash
# The whole way of a migration's data, once, on this machine: from a scratch PostgreSQL shaped like Sourcegraph's, by
# way of a folder for a bucket, into another with the roles of Cloud SQL. Touches nothing else, leaves nothing behind.
#
#   Scripts/rehearsal.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build/debug}" && pwd)

run() {
    printf '\n$ %s%s\n' "${PGPASSWORD:+PGPASSWORD=… }" "$*"
    "$@"
}

ensure_postgres
scratch_folder
unset PGPASSWORD
source_password=$(new_password)
target_password=$(new_password)

say 'Starting two PostgreSQL clusters and filling the first …'
source_port=$(PGPASSWORD=$source_password scratch_cluster "$scratch/source" sg)
target_port=$(PGPASSWORD=$target_password cloudsql_cluster "$scratch/target")
PGPASSWORD=$source_password load_examples "$source_port"

mkdir -m 700 "$scratch/run"
cd "$scratch/run"
(umask 077 && PGPASSWORD=$source_password example_targets "$source_port" >targets.yaml)
export PATH="$binaries:$PG_BIN:$PATH"

run src-snapshot check pg_dump --targets=targets.yaml --without-instance
run src-snapshot databases pg_dump --targets=targets.yaml --run
run src-snapshot upload -bucket=./bucket --without-summary
run src-snapshot verify -bucket=./bucket
PGPASSWORD=$target_password run mi-migrate import --bucket=./bucket \
    --into="postgres://sourcegraph-admin@127.0.0.1:$target_port/postgres" --yes

printf '\nThe rehearsal worked: three databases were checked, dumped, uploaded, verified, imported and proved to be the same.\n'
