#!/usr/bin/env bash
# Kills imports on several sessions at random moments: the command itself with SIGKILL, or one of its sessions at the
# server. The same command, with another number of sessions, has to come to what one psql makes of the same dump. Fails
# at the first import that does not.
#
#   Scripts/test-kills.sh [FOLDER OF THE BUILT COMMANDS [COUNT [SEED]]]
#
# SCALE is that of the databases.
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build-tests/release}" && pwd)
count=${2:-200}
seed=${3:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$seed
names=(pgsql codeintel-db codeinsights-db)
admin=sourcegraph-admin

sql() { "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" "$@"; }

milliseconds() { printf '%s\n' "$(($(date +%s%N) / 1000000))"; }

# Sets `drawn`: a subshell would draw numbers of its own, which no seed tells.
draw_below() { drawn=$(((RANDOM * 32768 + RANDOM) % $1)); }

# Sessions side by side store rows in another order each time.
contents() {
    local name
    for name in "${names[@]}"; do
        "$PG_BIN/pg_dump" -h 127.0.0.1 -p "$port" -U cloudsqladmin -d "$name" 2>pg_dump.log | grep -v '^\\\(un\)\?restrict ' |
            LC_ALL=C sort
    done
}

make_snapshot() {
    local source
    source=$(scratch_cluster "$scratch/source" sg)
    load_examples "$source" -v scale="${SCALE:-1}"
    (umask 077 && example_targets "$source" >targets.yaml)
    src-snapshot databases pg_dump --targets=targets.yaml --run
    src-snapshot upload -bucket=./bucket --without-summary --split=16MiB
    stop_cluster "$scratch/source"
}

# The objects of each database one after the other, by one psql.
load_by_psql() {
    local index dumps=(primary codeintel codeinsights)
    for index in 0 1 2; do
        sql -U cloudsqladmin -d postgres -c "CREATE DATABASE \"${names[index]}\" OWNER \"$admin\""
        cat "bucket/${dumps[index]}".*.sql | sql -U "$admin" -d "${names[index]}" -o /dev/null
    done
}

# `set_command JOBS [OPTION…]`: the import, for whoever has to know its process.
set_command() {
    command=(mi-migrate import --bucket=./bucket --into="postgres://$admin@127.0.0.1:$port/postgres" --journal=./journal
        --yes --take-over --terminate-connections --jobs="$1" "${@:2}")
}

# Ends one session that works for the import, the next one if there is none; prints its process.
end_session() {
    while kill -0 "$1" 2>/dev/null; do
        sql -U cloudsqladmin -d postgres <<'END'
WITH one AS MATERIALIZED (
    SELECT pid FROM pg_stat_activity WHERE application_name = 'mi-migrate' ORDER BY random() LIMIT 1)
SELECT pid FROM one WHERE pg_terminate_backend(pid);
END
    done | grep -m 1 .
}

commands=0 sessions=0 imports=0
# Runs the command once, and kills something of it if it does not end before.
disturb() {
    local drawn jobs pause process status=0
    draw_below 6
    jobs=$((1 + drawn))
    # Where it resumes there is less left to do.
    draw_below $((duration * 2 / 3))
    pause=$drawn
    draw_below 2
    printf '%s jobs=%s pause=%s %s\n' "$((commands + sessions))" "$jobs" "$pause" "$*" >>kills.log
    # Its psqls are not killed with it, and have to end by themselves.
    set_command "$jobs" "$@"
    "${command[@]}" >>import.log 2>&1 &
    process=$!
    sleep "$((pause / 1000)).$(printf '%03d' $((pause % 1000)))"
    if [ "$drawn" = 0 ]; then
        if kill -KILL "$process" 2>/dev/null; then commands=$((commands + 1)); fi
    elif end_session "$process" >/dev/null; then
        sessions=$((sessions + 1))
    fi
    wait "$process" 2>/dev/null || status=$?
    return "$status"
}

memory_folder
mkdir -m 700 "$scratch/work"
cd "$scratch/work"
ensure_postgres
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PATH" XDG_STATE_HOME=$PWD/state
{
    make_snapshot
    port=$(cloudsql_cluster "$scratch/target")
    load_by_psql
} >make.log 2>&1 || {
    cat make.log >&2
    fail 'nothing to import could be made'
}
contents >expected.txt
start=$(milliseconds)
set_command 3
"${command[@]}" >import.log 2>&1 || {
    cat import.log >&2
    fail 'an import that nobody disturbs fails'
}
duration=$(($(milliseconds) - start))
say "$(wc -c <expected.txt) bytes in $(find bucket -name '*.sql' | wc -l) objects, imported in $duration ms. Seed $seed."

while [ $((commands + sessions)) -lt "$count" ]; do
    : >import.log
    : >kills.log
    status=0
    disturb --start-over || status=$?
    # Killed (137), or the server's trouble (3, 5): whatever it was, the same command goes on.
    while [ "$status" -ne 0 ] && [ $((commands + sessions)) -lt "$count" ]; do
        case $status in
        3 | 5 | 137) ;;
        *)
            cat kills.log import.log >&2
            fail "an import ended with status $status, seed $seed"
            ;;
        esac
        status=0
        disturb || status=$?
    done
    set_command 3
    "${command[@]}" >>import.log 2>&1 || {
        cat kills.log import.log >&2
        fail "the same command does not go on, seed $seed"
    }
    contents | cmp - expected.txt >&2 || {
        cat kills.log import.log >&2
        fail "an import came to something else, seed $seed"
    }
    imports=$((imports + 1))
done
printf '%d kills (%d of the command, %d of a session) in %d imports, each the same as by psql. Seed %d.\n' \
    $((commands + sessions)) "$commands" "$sessions" "$imports" "$seed"
