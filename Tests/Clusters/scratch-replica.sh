# shellcheck shell=bash
# Two servers, of which one follows the other. Prints the folder of their sockets and the ports of
# both, and lives as long as its standard input is open.
set -euo pipefail

cd "$1"
. Scripts/postgres.sh

PG_BIN=$(PATH=$SEARCH_PATH find_postgres) || fail "PostgreSQL $minimum_major or later is needed: run \`make postgres\`."
memory_folder

primary=$scratch/primary replica=$scratch/replica
scratch_cluster "$primary" sg --auth-local=password >/dev/null
stop_cluster "$primary"
printf 'wal_level = replica\nmax_wal_senders = 4\n' >>"$primary/data/postgresql.conf"
port=$(start_cluster "$primary")

mkdir "$replica"
if [ "$EUID" -eq 0 ]; then chown "$(server_user)" "$replica"; fi
(
    cd "$replica"
    as_server env PGPASSWORD="$PGPASSWORD" "$PG_BIN/pg_basebackup" --pgdata=data --write-recovery-conf \
        --wal-method=stream --checkpoint=fast --host=127.0.0.1 --port="$port" --username=sg >&2
)
printf '%s\n' "$primary" "$port" "$(start_cluster "$replica")"
cat >/dev/null
