#!/usr/bin/env bash
# Takes the example's databases from every version of PostgreSQL that a Sourcegraph may run on to a server of the newest
# version and to one of their own, both with the roles of Cloud SQL, by every command that starts or talks to a
# PostgreSQL. A version's own programs are the clients of its own servers and of the newest, and the newest ones are
# clients of it. One line a version; fails if one failed.
#
#   Scripts/test-versions.sh [FOLDER OF THE BUILT COMMANDS [MAJOR…]]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/pg-versions.sh"
. "$(dirname "$0")/example.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build-tests/release}" && pwd)
vm_host=$scripts/../Tests/CommandTests/StandIns/compose-host
newest=18 # no import goes into an older version
[ $# -eq 0 ] || shift
if [ $# -gt 0 ]; then majors=("$@"); else read -ra majors <<<"$postgres_majors"; fi

# `with MAJOR COMMAND…` runs a command that finds the programs of a version.
with() {
    local bin
    bin=$(version_bin "$1")
    shift
    PATH="$bin:$PATH" "$@"
}

target() { printf 'postgres://sourcegraph-admin@127.0.0.1:%s/postgres\n' "$1"; }

# What the customer does, with programs that are as old as the server.
customer() {
    local major=$1 contrib=on port
    has_contrib "$major" || contrib=off
    step='start' && port=$(scratch_cluster "$scratch/$major" sg) &&
        step='fill' && load_examples "$port" -v contrib="$contrib" &&
        (umask 077 && example_targets "$port" >targets.yaml) &&
        step='check' && with "$major" src-snapshot check pg_dump --targets=targets.yaml --without-instance &&
        step="check with $newest" && with "$newest" src-snapshot check pg_dump --targets=targets.yaml --without-instance &&
        step='databases' && with "$major" src-snapshot databases pg_dump --targets=targets.yaml --run &&
        step='upload' && src-snapshot upload -bucket=./bucket --without-summary &&
        step='verify' && src-snapshot verify -bucket=./bucket &&
        step='run of src-snapshot' && export_at_once "$major" &&
        step='run of src-snapshot, verified' && src-snapshot verify -bucket=./exported
}

# Straight to a bucket. Servers before 14 cannot read a range of blocks by itself, and it is said so.
export_at_once() {
    local major=$1 said
    said=$(with "$major" src-snapshot run pg_dump --targets=targets.yaml -bucket=./exported --without-instance 2>&1) || {
        printf '%s\n' "$said"
        return 1
    }
    printf '%s\n' "$said"
    case $said in
    *'one connection reads all others.'*) [ "$major" -lt 14 ] ;;
    *) [ "$major" -ge 14 ] ;;
    esac
}

# A run into a server of the same version, as far as the copy that `restore` goes back to.
run_and_restore() {
    local port=$1 users database=(-X -A -t -h 127.0.0.1 -p "$1" -U cloudsqladmin -d pgsql) vm=$scratch/vm-$2
    DB_USER=sourcegraph-admin DB_PASSWORD=$PGPASSWORD PSQL=$PG_BIN/psql \
        bash "$vm_host/host.sh" make "$vm" 7.2.1943 "127.0.0.1:$port" || return 1
    cat >migration.yaml <<YAML || return 1
bucket: ./bucket
into: $(target "$port")
machine: local
deployment: $vm/deployment
YAML
    export XDG_STATE_HOME=$PWD/state
    step='run' && PATH="$vm/bin:$PATH" with "$2" mi-migrate run migration.yaml --until=restore-point --yes &&
        users=$("$PG_BIN/psql" "${database[@]}" -c 'SELECT count(*) FROM users') && [ "$users" -gt 0 ] &&
        "$PG_BIN/psql" "${database[@]}" -c 'TRUNCATE users CASCADE' &&
        step='restore' && PATH="$vm/bin:$PATH" with "$2" mi-migrate restore --yes &&
        [ "$("$PG_BIN/psql" "${database[@]}" -c 'SELECT count(*) FROM users')" = "$users" ] &&
        bash "$vm_host/host.sh" end "$vm" && rm migration.yaml
}

# What the databases of a server hold; sessions side by side store rows in another order each time.
contents() {
    local database
    for database in pgsql codeintel-db codeinsights-db; do
        "$PG_BIN/pg_dump" -h 127.0.0.1 -p "$1" -U cloudsqladmin -d "$database" | grep -v '^\\\(un\)\?restrict ' |
            LC_ALL=C sort || return 1
    done
}

# Rows in several sessions' parts, and in one session each, have to come to the same.
compare() {
    contents "$1" >in-parts.txt && diff whole.txt in-parts.txt
}

# What the operator does. The imports begin anew, whatever is in the journal of the run.
operator() {
    local major=$1 port
    step='rehearse' && mi-migrate rehearse --bucket=./bucket --postgres-bin="$PG_BIN" &&
        step="import into $newest" &&
        with "$major" mi-migrate import --bucket=./bucket --into="$(target "$newest_port")" --yes &&
        step="start with Cloud SQL's roles" && port=$(cloudsql_cluster "$scratch/own-$major") &&
        run_and_restore "$port" "$major" &&
        step="import with $newest" &&
        with "$newest" mi-migrate import --bucket=./bucket --into="$(target "$port")" --jobs=4 --start-over --terminate-connections --yes &&
        contents "$port" >whole.txt &&
        step="import of what was exported at once" &&
        with "$major" mi-migrate import --bucket=./exported --into="$(target "$port")" --jobs=4 --start-over --terminate-connections --yes &&
        step="comparison of both imports" && compare "$port"
}

# Called for its exit status, so that `set -e` is off in here. `step` is how far it came.
migrate_from() {
    mkdir -m 700 "$scratch/run-$1" && cd "$scratch/run-$1" || return 1
    PG_BIN=$(version_bin "$1")
    customer "$1" && operator "$1"
}

remove_all() {
    local vm
    for vm in "$scratch"/vm-*; do
        [ ! -d "$vm" ] || bash "$vm_host/host.sh" end "$vm" >/dev/null 2>&1 || :
    done
    remove_scratch
}

for major in "${majors[@]}" "$newest"; do
    fetch_postgres "$major"
done
scratch_folder
trap remove_all EXIT
PG_BIN=$(version_bin "$newest")
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PATH"
newest_port=$(cloudsql_cluster "$scratch/target")

failed=0
for major in "${majors[@]}"; do
    version=$("$(version_bin "$major")/pg_dump" --version | sed 's/.* //')
    started=$SECONDS
    if migrate_from "$major" >"$scratch/$major.log" 2>&1; then
        printf 'PostgreSQL %-6s and %s: ok, %d s\n' "$version" "$newest" $((SECONDS - started))
    else
        printf 'PostgreSQL %-6s and %s: FAILED at step %s\n' "$version" "$newest" "$step"
        sed 's/^/    /' "$scratch/$major.log"
        failed=1
    fi
    stop_cluster "$scratch/$major"
    stop_cluster "$scratch/own-$major"
done
exit "$failed"
