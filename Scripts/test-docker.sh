#!/usr/bin/env bash
# The whole way of a migration with a real docker engine: the databases of the example, a folder for a bucket, and a
# managed instance whose containers are docker's, once for each form of compose and each way to its machine. What an
# operator meets is in it: a migrator that is killed or loses its client, and an image that no registry gives. Where no
# engine can start, it says why and succeeds. Touches nothing else, leaves nothing behind but .build-docker.
#
#   Scripts/test-docker.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"
. "$(dirname "$0")/docker-engine.sh"
. "$(dirname "$0")/docker-images.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build-tests/release}" && pwd)
sshd=$scripts/../Tests/CommandTests/StandIns/compose-host/sshd.sh
source_release=5.1.8
target_release=5.11.6271
upgraded_release=5.11.0 # `migrator upgrade` does not keep the patch

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# `expect WHAT WANTED FOUND`
expect() {
    [ "$2" = "$3" ] || fail "$1: expected $2, found $3"
    printf 'As expected: %s: %s\n' "$1" "${3//$'\n'/, }"
}

# Starts the API of an instance of a release; it ends when this script does. Sets `endpoint` and `token`.
start_instance() {
    local answer
    answer=$(mktemp "$scratch/instance.XXXXXX")
    "$binaries/rehearsal-instance" "$1" "$site_id" <"$scratch/hold" 8>&- 9>&- >"$answer" &
    until [ -s "$answer" ]; do sleep 0.1; done
    read -r endpoint token <"$answer"
}

# MARK: The customer

make_snapshot() {
    local port PGPASSWORD
    PGPASSWORD=$(new_password)
    export PGPASSWORD
    port=$(scratch_cluster "$scratch/source" sg)
    load_examples "$port" >/dev/null
    site_id=$("$PG_BIN/psql" -X -A -t -h 127.0.0.1 -p "$port" -U sg -d sg -c 'SELECT site_id FROM global_state')
    start_instance "$source_release"
    mkdir -m 700 "$scratch/customer"
    cd "$scratch/customer"
    (umask 077 && example_targets "$port" >targets.yaml)
    export SRC_ENDPOINT=$endpoint SRC_ACCESS_TOKEN=$token
    src-snapshot databases pg_dump --targets=targets.yaml --run
    src-snapshot summary
    src-snapshot upload -bucket=./bucket
    stop_cluster "$scratch/source"
}

# MARK: The operator

# `sql STATEMENT [DATABASE]`: what the managed databases answer.
sql() {
    "$PG_BIN/psql" -X -q -A -t -h 127.0.0.1 -p "$target_port" -U cloudsqladmin -d "${2:-pgsql}" -c "$1"
}

release_in_database() { sql "SELECT version FROM versions WHERE service = 'frontend'"; }

# `make_machine FORM`: its deployment, and its shell, which knows what a login there knows.
make_machine() {
    mkdir -p "$machine/deployment" "$machine/home"
    compose_programs "$1" "$machine/bin"
    cp "$scripts/docker-host/docker-compose.yaml" "$machine/deployment/"
    (
        umask 077
        printf 'DB_USER=sourcegraph-admin\nDB_PASSWORD=%s\nSOCKETS=%s\n' "$PGPASSWORD" "$folder/target" \
            >"$machine/deployment/.env"
    )
    cat >"$machine/vm-shell" <<SHELL
#!/bin/sh
cd '$machine/home' || exit 1
exec env -i HOME='$machine/home' PATH='$machine/bin:$system_path' USER="\$(id -un)" LANG=C.UTF-8 \\
    DOCKER_HOST='$DOCKER_HOST' DOCKER_CONFIG='$DOCKER_CONFIG' \\
    /bin/sh \${SSH_ORIGINAL_COMMAND+-c "\$SSH_ORIGINAL_COMMAND"}
SHELL
    chmod 755 "$machine/vm-shell"
}

# `write_settings ADDRESS`
write_settings() {
    local ssh=''
    if [ "$1" = ssh ]; then
        "$sshd" start "$machine" >/dev/null
        ssh="ssh-config: $machine/ssh/config"
        set -- ssh://customer-vm
    fi
    cat >migration.yaml <<YAML
bucket: ./bucket
into: postgres://sourcegraph-admin@127.0.0.1:$target_port/postgres
machine: $1
$ssh
deployment: $machine/deployment
YAML
}

# `begin FORM ADDRESS`: a new server, a new machine, a new journal.
begin() {
    folder=$scratch/$1-$2 machine=$scratch/$1-$2/machine
    printf '\n== %s, machine: %s\n' "$1" "$2"
    mkdir -m 711 "$folder"
    PGPASSWORD=$(new_password)
    export PGPASSWORD XDG_STATE_HOME=$folder/state
    target_port=$(cloudsql_cluster "$folder/target")
    make_machine "$1"
    mkdir -m 700 "$folder/run"
    cd "$folder/run"
    cp -R "$scratch/customer/bucket" .
    write_settings "$2"
    start_instance "$target_release"
    export SRC_ENDPOINT=$endpoint SRC_ACCESS_TOKEN=$token PATH="$machine/bin:$binaries:$PG_BIN:$system_path"
    src-snapshot notice add >/dev/null # it would have come with the databases
}

# `upgrade_interrupted COMMAND…`: the migrator waits for a table that somebody has locked, the command kills what it
# kills, and the same run, or another, goes on to the end.
upgrade_interrupted() {
    local rounds=600 migration
    coproc lock { "$PG_BIN/psql" -X -q -A -t -h 127.0.0.1 -p "$target_port" -U cloudsqladmin -d pgsql; }
    printf 'BEGIN; LOCK TABLE migration_logs IN SHARE MODE; SELECT 1;\n' >&"${lock[1]}"
    read -r _ <&"${lock[0]}"
    run mi-migrate run migration.yaml --until=upgrade --yes &
    migration=$!
    until [ "$(sql 'SELECT count(*) FROM pg_locks WHERE NOT granted')" -gt 0 ]; do
        if ! kill -0 "$migration" || [ $((rounds -= 1)) -le 0 ]; then fail 'no migration was begun'; fi
        sleep 0.1
    done
    run "$@"
    printf '\\q\n' >&"${lock[1]}"
    wait "$migration" || run mi-migrate run migration.yaml --until=upgrade --yes
}

# Ends docker-compose at once, and leaves its container to go on, as a machine does that is short of memory.
kill_the_client() {
    local process
    for process in /proc/[0-9]*; do
        if grep -qzxF "DOCKER_HOST=$DOCKER_HOST" "$process/environ" 2>/dev/null &&
            tr '\0' ' ' <"$process/cmdline" | grep -q 'compose run .*--name mi-migrate-migrator '; then
            kill -KILL "${process#/proc/}"
        fi
    done
    expect 'migrator without client' running "$(docker inspect --format '{{.State.Status}}' mi-migrate-migrator)"
}

# `start_with_a_missing_image`: the message names the registry, and with the right name the same command goes on.
start_with_a_missing_image() {
    local compose=$machine/deployment/docker-compose.yaml status=0
    sed -i.right 's|sourcegraph/gitserver:[0-9.]*|sourcegraph/gitserver:5.11.99999|' "$compose"
    run mi-migrate run migration.yaml --until=start --yes >"$folder/missing" 2>&1 || status=$?
    cat "$folder/missing"
    [ "$status" -ne 0 ] || fail 'a run without an image succeeded'
    grep -q 'gitserver' "$folder/missing" || fail 'the message does not name the service'
    grep -q 'index.docker.io\|registry-1.docker.io' "$folder/missing" || fail 'the message does not name the registry'
    mv "$compose.right" "$compose"
}

migrate() {
    begin "$1" "$2"
    run mi-migrate run migration.yaml --until=restore-point --yes
    case $2 in
    local) upgrade_interrupted docker kill mi-migrate-migrator ;;
    ssh) upgrade_interrupted kill_the_client ;;
    esac
    expect 'the release after the upgrade' "$upgraded_release" "$(release_in_database)"
    start_with_a_missing_image
    run mi-migrate run migration.yaml --yes
    check_end "$1"
    run mi-migrate status
    end_machine
}

check_end() {
    local service
    expect 'the release that the frontend notes' "$target_release" "$(release_in_database)"
    for service in cloud-sql-proxy sourcegraph-frontend-0 sourcegraph-frontend-internal gitserver-0 worker executor; do
        expect "$service" running "$(docker inspect --format '{{.State.Status}}' "$service")"
    done
    expect migrator 'exited 0' "$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' migrator)"
    expect 'containers of the migrator that were left' '' "$(docker ps -aq --filter 'name=mi-migrate-migrator')"
}

end_machine() {
    [ ! -e "$machine/ssh" ] || "$sshd" stop "$machine"
    (cd "$machine/deployment" && docker ps -aq | xargs docker rm -f >/dev/null)
    stop_cluster "$folder/target"
}

end() {
    [ ! -e "${machine:-}/ssh" ] || "$sshd" stop "$machine" || :
    stop_docker
    [ -z "${folder:-}" ] || stop_cluster "$folder/target" || :
    remove_scratch
}

system_path=$PATH
ensure_postgres
scratch_folder
trap end EXIT
{ fetch_docker && start_docker; } || {
    printf 'Skipped: no docker engine can start here: %s\n' "$docker_problem"
    exit
}
docker version --format 'docker {{.Server.Version}}'
make_images "$target_release"
unset PGPASSWORD
mkfifo "$scratch/hold"
exec 9<>"$scratch/hold"
PATH="$binaries:$PG_BIN:$PATH" make_snapshot
for form in $(compose_forms); do
    for address in local ssh; do
        migrate "$form" "$address"
    done
done
