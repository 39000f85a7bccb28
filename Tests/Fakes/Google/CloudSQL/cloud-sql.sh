# shellcheck shell=bash
# The PostgreSQL clusters behind fake Cloud SQL instances. Lives as long as its standard input is open: the kernel closes
# that when the tests end, whichever way they do, and then the server stops and its folder goes.
#
#   cloud-sql.sh REPOSITORY template            makes a cluster and stops it; prints the programs' folder and its own
#   cloud-sql.sh REPOSITORY instance TEMPLATE   starts a copy; prints its folder and port
#
# And what is done to such a copy, which ends when it is done:
#
#   cloud-sql.sh REPOSITORY backup INSTANCE PORT NAME    keeps a copy of all of its files while it runs
#   cloud-sql.sh REPOSITORY restore INSTANCE PORT NAME   puts such a copy in their place, and starts the server again
#   cloud-sql.sh REPOSITORY crash INSTANCE PORT          ends the server without care, and starts it again
set -euo pipefail

cd "$1"
. Scripts/postgres.sh

PG_BIN=$(PATH=$SEARCH_PATH find_postgres) || fail "PostgreSQL $minimum_major or later is needed: run \`make postgres\`."

# What the server writes while it is copied is in the copy's log.
back_up() {
    instance=$1 copy=$1/backups/$3
    mkdir -p "$copy" || return 1
    export instance copy
    # Files may go while they are copied: what matters of them is in the log.
    "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$instance" -p "$2" -U cloudsqladmin -d postgres \
        >/dev/null <<'END' || return 1
SELECT pg_backup_start('backup', true);
\! cp -a "$instance/data" "$copy/" 2>/dev/null
SELECT labelfile FROM pg_backup_stop(false) \g | cat >"$copy/label"
END
    rm -rf "$copy/data/pg_wal" "$copy/data/postmaster.pid" "$copy/data/postmaster.opts"
    # The server renames the label, so it has to own it.
    cp -a "$instance/data/pg_wal" "$copy/data/" &&
        (cd "$copy" && as_server sh -c 'cat >data/backup_label' <label)
}

restore() {
    local instance=$1 port=$2 copy=$1/backups/$3
    [ -e "$copy/data/backup_label" ] && stop_cluster "$instance" && rm -rf "$instance/data" &&
        cp -a "$copy/data" "$instance/" || return 1
    start_again "$instance" "$port"
}

start_again() {
    (cd "$1" && as_server "$PG_BIN/pg_ctl" --pgdata=data --log=server.log --wait --silent --options="-p $2" start >&2)
}

crash() {
    (cd "$1" && as_server "$PG_BIN/pg_ctl" --pgdata=data --mode=immediate --wait --silent stop >&2) || return 1
    start_again "$1" "$2"
}

case $2 in
    backup)
        back_up "${@:3}"
        exit
        ;;
    restore)
        restore "${@:3}"
        exit
        ;;
    crash)
        crash "${@:3}"
        exit
        ;;
esac

memory_folder

# Cloud SQL's own is en_US.UTF8; where the system lacks it, one that knows Unicode will do, or any.
best_locale() {
    local wanted found
    for wanted in 'en_US\.utf-?8' 'C\.utf-?8'; do
        found=$(locale -a 2>/dev/null | grep -iEx -m 1 "$wanted") && break
    done
    printf '%s\n' "${found:-C}"
}

make_template() {
    local dir=$1 port
    SCRATCH_LOCALE=$(best_locale)
    export SCRATCH_LOCALE
    port=$(cloudsql_cluster "$dir" --wal-segsize=1)
    "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U cloudsqladmin -d postgres >&2 <<'END'
CREATE DATABASE "pgsql" OWNER cloudsqlsuperuser;
CREATE DATABASE "codeintel-db" OWNER cloudsqlsuperuser;
CREATE DATABASE "codeinsights-db" OWNER cloudsqlsuperuser;
END
    # Whoever may enter the folder may enter the server by its socket, as anybody; all others need the password.
    chmod 700 "$dir"
    cat >"$dir/data/pg_hba.conf" <<'END'
local all all trust
host all all 127.0.0.1/32 scram-sha-256
END
    cat >>"$dir/data/postgresql.conf" <<'END'
shared_buffers = 16MB
max_connections = 60
autovacuum = off
wal_level = replica
# That there are statistics is what tests look at; of how many rows they are made, ANALYZE takes its time.
default_statistics_target = 1
jit = off
END
    # Its copies start faster after an orderly end, and are made faster without the log of how it was filled.
    (
        cd "$dir" && as_server "$PG_BIN/pg_ctl" --pgdata=data --mode=fast --silent --wait stop &&
            as_server "$PG_BIN/pg_resetwal" --pgdata=data >&2
    )
}

case $2 in
    template)
        make_template "$scratch/template"
        printf '%s\n' "$PG_BIN" "$scratch/template"
        ;;
    instance)
        cp -a "$3" "$scratch/instance"
        printf "unix_socket_directories = '%s'\n" "$scratch/instance" >>"$scratch/instance/data/postgresql.conf"
        port=$(start_cluster "$scratch/instance")
        printf '%s\n' "$scratch/instance" "$port"
        ;;
esac
cat >/dev/null
