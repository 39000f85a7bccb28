# shellcheck shell=bash
# Scratch PostgreSQL clusters, for the other scripts to source.
#
#   ensure_postgres              sets PG_BIN to the programs of PostgreSQL 15 or later; installs it where there is none
#   scratch_folder               sets `scratch` to a new folder that is gone, servers and all, when the script ends
#   memory_folder                the same in memory, where there is room
#   scratch_cluster DIR USER [OPTION...]   starts a new cluster in DIR, prints its port; USER's password is $PGPASSWORD,
#                                its locale $SCRATCH_LOCALE (C if that is not set); the options are initdb's
#   cloudsql_cluster DIR [OPTION...]       the same, with the roles of a Cloud SQL instance; superuser `cloudsqladmin`
#   start_cluster DIR            starts one that was stopped, prints its port
#   stop_cluster DIR
#   new_password                 prints one
#
# The clusters are made with the programs in $PG_BIN, and listen on 127.0.0.1 and on a socket in DIR.

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
minimum_major=15
. "$scripts/apt.sh"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$(basename "$0"): $*"; exit 1; }

# The major version of the programs in a folder; 0 where one is missing (some put only the server's on PATH).
postgres_major() {
    local version program
    for program in initdb pg_ctl pg_config pg_dump psql; do
        [ -x "$1/$program" ] || {
            printf '0\n'
            return
        }
    done
    version=$("$1/initdb" --version | sed -E 's/^initdb \(PostgreSQL\) ([0-9]+).*/\1/')
    printf '%s\n' "$version"
}

# What is on PATH was chosen by whoever runs this; of the usual places, the newest.
find_postgres() {
    local bin major best='' newest=$((minimum_major - 1))
    bin=$(dirname "$(command -v initdb || printf /nowhere/initdb)")
    if [ "$(postgres_major "$bin")" -ge "$minimum_major" ]; then
        printf '%s\n' "$bin"
        return
    fi
    for bin in /usr/lib/postgresql/*/bin \
        /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin /home/linuxbrew/.linuxbrew/opt/postgresql@*/bin; do
        major=$(postgres_major "$bin")
        if [ "$major" -gt "$newest" ]; then
            newest=$major best=$bin
        fi
    done
    [ -n "$best" ] && printf '%s\n' "$best"
}

install_postgres() {
    if command -v brew >/dev/null; then
        say "No PostgreSQL $minimum_major or later here: installing postgresql@17 with Homebrew."
        brew install postgresql@17 >&2
    elif command -v apt-get >/dev/null; then
        install_packages postgresql postgresql-contrib
    fi
}

ensure_postgres() {
    PG_BIN=$(find_postgres) && return
    install_postgres
    PG_BIN=$(find_postgres) ||
        fail "PostgreSQL $minimum_major or later is needed, see https://www.postgresql.org/download/ (is its bin folder on PATH?)"
}

# A server refuses to run as root: root lends it another user.
as_server() {
    if [ "$EUID" -ne 0 ]; then
        "$@"
    elif command -v runuser >/dev/null; then
        runuser -u "$(server_user)" -- "$@"
    else
        sudo -u "$(server_user)" -- "$@"
    fi
}

server_user() {
    if id postgres >/dev/null 2>&1; then printf 'postgres\n'; else printf 'nobody\n'; fi
}

new_password() {
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

# What a server keeps of $PGPASSWORD (RFC 5803), after one round of SHA-256 where it would make 4096: these cost both
# sides more than all else of a login, and tests log in some ten thousand times. Without perl it is the password itself;
# so it is before PostgreSQL 14, whose initdb reads 99 characters of a password and no more.
password_verifier() {
    if [ "$(postgres_major "$PG_BIN")" -lt 14 ]; then
        printf '%s\n' "$PGPASSWORD"
        return
    fi
    perl -MDigest::SHA=sha256,hmac_sha256 -MMIME::Base64 -e '
        open my $random, "<", "/dev/urandom" or die; read $random, my $salt, 16;
        my $salted = hmac_sha256($salt . pack("N", 1), $ENV{PGPASSWORD});
        printf "SCRAM-SHA-256\$1:%s\$%s:%s\n", map { encode_base64($_, "") }
            $salt, sha256(hmac_sha256("Client Key", $salted)), hmac_sha256("Server Key", $salted);
    ' 2>/dev/null || printf '%s\n' "$PGPASSWORD"
}

scratch_folder() {
    local parent=${TMPDIR:-/tmp}
    scratch=$(mktemp -d "${parent%/}/migrationkit.XXXXXX")
    chmod 711 "$scratch" # the server's user passes through it to its own folder
    trap remove_scratch EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# A cluster is some two thousand small files.
memory_folder() {
    local memory=/dev/shm
    if [ -z "${TMPDIR:-}" ] && [ -w "$memory" ] &&
        [ "$(df -Pk "$memory" | awk 'END { print $4 }')" -gt $((8 << 20)) ]; then
        local TMPDIR=$memory
    fi
    scratch_folder
}

remove_scratch() {
    local data
    for data in "$scratch"/*/data; do
        stop_cluster "$(dirname "$data")" || true
    done
    rm -rf "$scratch"
}

scratch_cluster() {
    local dir=$1 superuser=$2
    shift 2
    # sun_path holds 104 bytes on macOS, 108 on Linux.
    if [ "${#dir}" -gt 83 ]; then
        say "$dir is too long a path for a socket: set TMPDIR to a shorter one."
        return 1
    fi
    mkdir -p "$dir" || return 1
    (umask 077 && password_verifier >"$dir/password") || return 1
    if [ "$EUID" -eq 0 ]; then
        chown -R "$(server_user)" "$dir" || return 1
    fi
    (
        cd "$dir" &&
            as_server "$PG_BIN/initdb" --pgdata=data --username="$superuser" --pwfile=password \
                --auth=scram-sha-256 --encoding=UTF8 --locale="${SCRATCH_LOCALE:-C}" --no-sync "$@" >initdb.log 2>&1 &&
            rm password &&
            server_settings "$dir" >>data/postgresql.conf
    ) || {
        cat "$dir/initdb.log" >&2
        return 1
    }
    start_cluster "$dir"
}

start_cluster() {
    local dir=$1 port try
    # The server itself says whether a port is free; below the range that systems hand out for outgoing connections.
    for try in 1 2 3 4 5 6 7 8; do
        port=$((20000 + RANDOM % 12000))
        if (cd "$dir" && as_server "$PG_BIN/pg_ctl" --pgdata=data --log=server.log --wait --silent \
            --options="-p $port" start >/dev/null 2>&1); then
            printf '%s\n' "$port"
            return
        fi
        grep -q 'could not create any TCP/IP sockets' "$dir/server.log" || break
    done
    say "PostgreSQL did not start (attempt $try):"
    cat "$dir/server.log" >&2
    return 1
}

# Nothing in a scratch cluster outlives a crash, so nothing waits for the disk.
server_settings() {
    cat <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$1'
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
shared_buffers = 256MB
END
    if ls "$("$PG_BIN/pg_config" --pkglibdir)"/pg_stat_statements.* >/dev/null 2>&1; then
        printf "shared_preload_libraries = 'pg_stat_statements'\n"
    fi
}

cloudsql_cluster() {
    local port
    port=$(scratch_cluster "$1" cloudsqladmin "${@:2}") || return 1
    # By stdin: an argument is everyone's to read.
    {
        printf "\\\\set password '%s'\n" "$(password_verifier)"
        cat "$scripts/cloudsql_roles.sql"
    } | "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U cloudsqladmin -d postgres >&2 || return 1
    printf '%s\n' "$port"
}

stop_cluster() {
    [ -e "$1/data/postmaster.pid" ] || return 0
    (cd "$1" && as_server "$PG_BIN/pg_ctl" --pgdata=data --mode=immediate --silent --wait stop)
}
