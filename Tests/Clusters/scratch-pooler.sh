# shellcheck shell=bash
# A PgBouncer before the server on $SERVER_PORT, with one session of it for everybody. Prints its port, and lives as long
# as its standard input is open.
#
#   $POOL_MODE    when the session is given to the next client: session or transaction
#   $IGNORED      parameters of a connection's beginning that it leaves out; others are refused
set -euo pipefail

cd "$1"
. Scripts/postgres.sh
scratch_folder
dir=$scratch/pooler
mkdir "$dir"
remove_pooler() {
    if [ -e "$dir/pid" ]; then kill "$(cat "$dir/pid")" || true; fi
    rm -rf "$scratch"
}
trap remove_pooler EXIT

(umask 077 && printf '"%s" "%s"\n' sg "$SERVER_PASSWORD" >"$dir/users")
mkfifo "$dir/said"
if [ "$EUID" -eq 0 ]; then chown -R "$(server_user)" "$dir"; fi

# `start PORT`: returns when it listens there; fails where the port is taken.
start() {
    cat >"$dir/ini" <<END
[databases]
* = host=127.0.0.1 port=$SERVER_PORT
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $1
unix_socket_dir =
auth_type = trust
auth_file = $dir/users
pool_mode = $POOL_MODE
default_pool_size = 1
ignore_startup_parameters = $IGNORED
pidfile = $dir/pid
END
    as_server "$PGBOUNCER" "$dir/ini" >"$dir/said" 2>&1 &
    exec 3<"$dir/said"
    while read -r line <&3; do
        case $line in
        *"listening on 127.0.0.1:$1"*)
            cat <&3 >"$dir/log" &
            return
            ;;
        esac
    done
    return 1
}

for try in 1 2 3 4 5 6 7 8; do
    port=$((20000 + RANDOM % 12000))
    if start "$port"; then
        printf '%s\n' "$port"
        cat >/dev/null
        exit
    fi
done
fail "PgBouncer did not start (attempt $try)."
