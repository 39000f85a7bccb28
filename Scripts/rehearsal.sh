#!/usr/bin/env bash
# The whole way of a migration, once, on this machine: from a scratch PostgreSQL shaped like Sourcegraph's and the API of
# an instance, by way of a folder for a bucket, into another PostgreSQL with the roles of Cloud SQL and a stand-in of a
# VM that runs docker-compose, whose migrator works on it. Touches nothing else, leaves nothing behind.
#
#   Scripts/rehearsal.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build-tests/release}" && pwd)
vm_host=$scripts/../Tests/CommandTests/StandIns/compose-host
source_release=5.1.8
target_release=5.11.6271

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# Starts the API of an instance of a release; it ends when this script does. Sets `endpoint` and `token`.
start_instance() {
    "$binaries/rehearsal-instance" "$1" "$site_id" <"$scratch/hold" 9>&- >"$scratch/instance-$1" &
    until [ -s "$scratch/instance-$1" ]; do sleep 0.1; done
    read -r endpoint token <"$scratch/instance-$1"
}

ensure_postgres
scratch_folder
unset PGPASSWORD
trap 'bash "$vm_host/host.sh" end "$scratch/vm" >/dev/null 2>&1 || :; remove_scratch' EXIT
mkfifo "$scratch/hold"
exec 9<>"$scratch/hold"
source_password=$(new_password)
target_password=$(new_password)

say 'Starting two PostgreSQL clusters and two instances, and filling the first …'
source_port=$(PGPASSWORD=$source_password scratch_cluster "$scratch/source" sg)
target_port=$(PGPASSWORD=$target_password cloudsql_cluster "$scratch/target")
PGPASSWORD=$source_password load_examples "$source_port"
site_id=$(PGPASSWORD=$source_password "$PG_BIN/psql" -X -A -t -h 127.0.0.1 -p "$source_port" -U sg -d sg \
    -c 'SELECT site_id FROM global_state')
DB_USER=sourcegraph-admin DB_PASSWORD=$target_password PSQL=$PG_BIN/psql \
    bash "$vm_host/host.sh" make "$scratch/vm" "$target_release" "127.0.0.1:$target_port"

mkdir -m 700 "$scratch/run"
cd "$scratch/run"
(umask 077 && PGPASSWORD=$source_password example_targets "$source_port" >targets.yaml)
export PATH="$binaries:$PG_BIN:$PATH"

printf '\nThe customer, with a Sourcegraph %s:\n' "$source_release"
start_instance "$source_release"
export SRC_ENDPOINT=$endpoint SRC_ACCESS_TOKEN=$token
run src-snapshot run pg_dump --targets=targets.yaml -bucket=./bucket --dry-run
run src-snapshot run pg_dump --targets=targets.yaml -bucket=./bucket
run src-snapshot verify -bucket=./bucket

printf '\nThe operator, with a managed instance of %s:\n' "$target_release"
start_instance "$target_release"
export SRC_ENDPOINT=$endpoint SRC_ACCESS_TOKEN=$token PGPASSWORD=$target_password
export PATH="$scratch/vm/bin:$PATH" XDG_STATE_HOME=$scratch/state
# It would have come with the databases.
src-snapshot notice add >/dev/null
cat >migration.yaml <<END
bucket: ./bucket
into: postgres://sourcegraph-admin@127.0.0.1:$target_port/postgres
machine: local
deployment: $scratch/vm/deployment
END
run mi-migrate rehearse
run mi-migrate run migration.yaml --yes
run mi-migrate status | tee status
grep -Eq '^match +done .*uses the imported pgsql, codeintel-db, codeinsights-db' status
run mi-migrate report -o report.html

printf '\nThe rehearsal worked: three databases were checked, exported as of one moment, verified, imported, proved to be the same and '
printf 'upgraded, as those that the instance uses; it was started and tested.\n'
