#!/usr/bin/env bash
# Makes and ends a VM with docker-compose; lib/lib.sh tells how it is used.
# shellcheck disable=SC2154 # much is of a VM's settings
set -euo pipefail

equipment=$(cd "${0%/*}" && pwd)
fail() {
    printf 'host.sh: %s\n' "$*" >&2
    exit 1
}

# `make_vm VERSION DATABASES`
make_vm() {
    local compose=${COMPOSE-v1} program programs
    mkdir -m 700 "$folder"
    mkdir "$folder"/{bin,containers,deployment,faults,gone,holds,home}
    : >"$folder/numbers"
    : >"$folder/invocations"
    mkfifo "$folder/silence"
    ln -s "$equipment/lib" "$equipment/operator" "$folder/"
    case " $compose " in *' v2 '*) : >"$folder/compose-plugin" ;; esac
    case " $compose " in *' v1 '*) programs=(docker docker-compose) ;; *) programs=(docker) ;; esac
    ln -s "${programs[@]/#/$equipment/bin/}" "$folder/bin/"
    program=$(command -v "${PSQL:-psql}") || fail 'psql is not there: set PSQL'
    # $TOOLS is where the VM has the system's programs: not docker's own, where this machine has it.
    local tools=${TOOLS:-/usr/local/bin:/usr/bin:/bin}
    cat >"$folder/settings" <<END
tools='$tools'
psql='$program'
database_host='${2%:*}' database_port='${2##*:}'
primary_db='${PRIMARY_DB:-pgsql}' codeintel_db='${CODEINTEL_DB:-codeintel-db}' codeinsights_db='${CODEINSIGHTS_DB:-codeinsights-db}'
migrator_restart='${MIGRATOR_RESTART:-on-failure}'
vm_name='${VM_NAME:-customer-vm}' customer_name='${CUSTOMER:-acme}'
# Seconds: before a container starts again, before a service is up, until it is healthy, for each step of the migrator.
restart_delay=0.1 start_delay=0.1 health_delay=0.1 step_delay=0
END
    cat >"$folder/vm-shell" <<END
#!/bin/sh
# A login's shell runs what sshd hands it by -c, or what comes on standard input.
[ "\${1:-}" != -c ] || SSH_ORIGINAL_COMMAND=\$2
cd '$folder/home' || exit 1
exec env -i HOME='$folder/home' PATH='$folder/bin:$tools' USER="\$(id -un)" LANG=C.UTF-8 \\
    /bin/sh \${SSH_ORIGINAL_COMMAND+-c "\$SSH_ORIGINAL_COMMAND"}
END
    chmod 755 "$folder/vm-shell"
    (
        umask 077
        printf 'DB_USER=%s\nDB_PASSWORD=%s\n' "${DB_USER:?}" "${DB_PASSWORD:?}" >"$folder/deployment/.env"
    )
    write_release "$1"
}

# `image NAME VERSION` sets `image`, as a deployment pins it: other names and versions have another sum.
image() {
    local i sum=0 text=$1:$2 code
    for ((i = 0; i < ${#text}; i++)); do
        printf -v code '%d' "'${text:i:1}"
        sum=$(((sum * 257 + code) % 999999937))
    done
    printf -v image "'index.docker.io/sourcegraph/%s:%s@sha256:%064d'" "$1" "$2" $sum
}

# The variables of a database's login.
variables() {
    cat <<END
      - '$1PGHOST=cloud-sql-proxy'
      - '$1PGPORT=5432'
      - '$1PGUSER=\${DB_USER}'
      - '$1PGPASSWORD=\${DB_PASSWORD}'
      - '$1PGDATABASE=$2'
      - '$1PGSSLMODE=disable'
END
}

databases() {
    printf '    environment:\n'
    variables '' "$primary_db"
    variables CODEINTEL_ "$codeintel_db"
    variables CODEINSIGHTS_ "$codeinsights_db"
}

# `service NAME IMAGE COMMAND RESTART`
service() {
    printf '  %s:\n    container_name: %s\n    image: %s\n    command: %s\n    restart: %s\n' "$1" "$1" "$2" "$3" "$4"
}

depends() { printf '    depends_on:\n      %s:\n        condition: %s\n' "$1" "$2"; }

health() {
    cat <<'END'
    healthcheck:
      test: "wget -q 'http://127.0.0.1:3080/healthz' -O /dev/null || exit 1"
      interval: 5s
      timeout: 10s
      retries: 3
      start_period: 300s
END
}

write_release() {
    local name
    # shellcheck source=/dev/null
    . "$folder/settings"
    case $1 in *[!0-9.]* | '') fail "not a release: $1" ;; esac
    {
        printf "# The deployment of Sourcegraph %s.\nversion: '2.4'\n\nservices:\n" "$1"
        service cloud-sql-proxy "'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.1.1'" \
            "['--address=0.0.0.0', '--port=5432', 'acme:us-central1:db']" always
        image migrator "$1"
        service migrator "$image" "['up']" "'$migrator_restart'"
        databases
        depends cloud-sql-proxy service_started
        image frontend "$1"
        for name in sourcegraph-frontend-0 sourcegraph-frontend-internal; do
            service "$name" "$image" "['serve']" always
            databases
            health
            depends migrator service_completed_successfully
        done
        image gitserver "$1"
        service gitserver-0 "$image" "['serve']" always
        image worker "$1"
        service worker "$image" "['serve']" always
        health
        depends migrator service_started
    } >"$folder/deployment/docker-compose.yaml"
}

set_fault() {
    if [ -n "${3:-}" ]; then printf '%s\n' "$3" >"$folder/faults/$1.left"; else rm -f "$folder/faults/$1.left"; fi
    printf '%s\n' "${2:-}" >"$folder/faults/.$1"
    mv "$folder/faults/.$1" "$folder/faults/$1"
}

make_hold() {
    mkdir "$folder/holds/$1"
    mkfifo "$folder/holds/$1/reached" "$folder/holds/$1/release"
}

let_go() {
    printf 'go on\n' >"$folder/holds/$1/release"
    rm -r "${folder:?}/holds/$1"
}

# Sets `processes`. What runs here is known by the folder that its program is in; nothing else has its name.
find_processes() {
    processes=$(ps -A -ww -o pid= -o args= | awk -v folder="$folder/" '
        { for (i = 2; i <= 4; i++) if (index($i, folder) == 1 && substr($i, length(folder) + 1) ~ /^(bin|lib|operator|holds)\//) { print $1; next } }')
}

end_vm() {
    local container process status
    [ -e "$folder/numbers" ] || return 0
    [ ! -e "$folder/ssh" ] || "$equipment/sshd.sh" stop "$folder"
    # First those that would start others again; one that was about to start another may have done so.
    while find_processes && [ -n "$processes" ]; do
        # shellcheck disable=SC2086 # numbers
        kill -KILL $processes 2>/dev/null || :
        for container in "$folder"/containers/*/ "$folder"/gone/*/; do
            [ -s "$container/process" ] || continue
            read -r status <"$container/status"
            read -r process <"$container/process"
            [ "$status" = exited ] || kill -KILL -- "-$process" 2>/dev/null || :
        done
    done
    rm -rf "$folder"
}

[ $# -ge 2 ] || fail "$(sed -n '2s/^# //p' "$0")"
action=$1 folder=$2
shift 2
case $action in make | serve | end) needed=no ;; *) needed=yes ;; esac
[ $needed = no ] || [ -e "$folder/numbers" ] || fail "no VM is in $folder"
case $folder in */*) ;; *) folder=./$folder ;; esac
[ $needed = yes ] || mkdir -p "${folder%/*}"
folder=$(cd "${folder%/*}/" && pwd)/${folder##*/}
case $action in
make) make_vm "$@" ;;
serve)
    trap end_vm EXIT
    trap 'exit 143' TERM
    make_vm "$@"
    printf '%s\n' "$folder"
    cat >/dev/null
    ;;
release) write_release "$@" ;;
fault) set_fault "$@" ;;
heal) rm -f "$folder/faults/$1" "$folder/faults/$1.left" ;;
hold) make_hold "$1" ;;
reached) cat "$folder/holds/$1/reached" >/dev/null ;;
let) let_go "$1" ;;
end) end_vm ;;
*) fail "what is $action?" ;;
esac
