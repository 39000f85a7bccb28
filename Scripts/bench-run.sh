#!/usr/bin/env bash
# What `src-snapshot run` takes beside what it replaces: `databases --run` and then `upload`; and one large database on
# several connections beside one pg_dump; and how it grows with the connections where each has its own rate. Medians of
# runs that take turns, into a sink on loopback that throws everything away. Makes a scratch PostgreSQL of 1.2 GiB in
# TMPDIR, which takes a minute and 3 GB.
#
#   Scripts/bench-run.sh [FOLDER OF THE BUILT COMMANDS]
#
# Needs Python 3.9.
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/sink.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build/release}" && pwd)
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
python=python3

heading() {
    printf '\n%s\n\n| %-44s | %6s | %6s | %6s | %5s |\n|%s|--------|--------|--------|-------|\n' "$1" '' s 'CPU s' MB ratio \
        ----------------------------------------------
}

# row WHAT NAME BASE
row() {
    local peak
    # Of what is several programs nobody has asked for it.
    peak=$(median peak "$2" 2>/dev/null) || peak=-
    awk -v what="$1" -v s="$(median wall "$2")" -v cpu="$(median cpu "$2")" -v peak="$peak" -v base="$(median wall "$3")" \
        'BEGIN {
            if (peak != "-") peak = sprintf("%.0f", peak)
            printf "| %-44s | %6.2f | %6.2f | %6s | %5.2f |\n", what, s, cpu, peak, s / base
        }'
}

# What is measured; each into a prefix of its own, for the sink is write-once

number=0
in_two() {
    src-snapshot databases pg_dump --targets=targets.yaml --run --force --json
    src-snapshot upload -bucket="gs://bench/two-$number" --without-summary --json
}

# in_one NAME JOBS [OPTION…]
in_one() {
    local name=$1 jobs=$2
    shift 2
    measure "$name-$jobs" with_peak "$name-$jobs" src-snapshot run pg_dump -bucket="gs://bench/$name-$number-$jobs" \
        --without-instance --json --jobs="$jobs" "$@"
}

bare_dump() {
    "$PG_BIN/pg_dump" --clean --format=plain --if-exists --no-acl --no-owner --quote-all-identifiers \
        --host=127.0.0.1 --port="$port" --username=sg --dbname=sg >/dev/null
}

# The databases: 0.9 GB of SQL

ensure_postgres
scratch_folder
relay=''
trap 'stop_sink; [ -z "$relay" ] || kill "$relay"; remove_scratch' EXIT
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PG_BIN:$PATH"
say "Making databases of 1.2 GiB in $scratch …"
port=$(scratch_cluster "$scratch/source" sg)
mkdir -m 700 "$scratch/run"
cd "$scratch/run"
load_example "$port" primary sg -v scale=25
load_example "$port" codeintel codeintel -v scale=40
load_example "$port" codeinsights codeinsights -v scale=60
(umask 077 && example_targets "$port" >targets.yaml && awk '/^codeintel:/ { exit } { print }' targets.yaml >large.yaml)

# compare NAME TITLE [OPTION OF THE SINK…]
compare() {
    local name=$1 title=$2 i jobs
    shift 2
    for ((i = 0; i < runs; i++)); do
        number=$((number + 1))
        rm -rf src-snapshot
        start_sink "sink-$number" "$@"
        measure "two-$name" in_two
        rm -rf src-snapshot
        for jobs in 1 2 4; do in_one "one-$name" "$jobs" --targets=targets.yaml; done
        stop_sink
    done
    heading "$title"
    row 'databases --run, then upload' "two-$name" "two-$name"
    for jobs in 1 2 4; do row "run --jobs=$jobs" "one-$name-$jobs" "two-$name"; done
}

say "Measuring, $runs runs of each …"
compare loopback 'Three databases into a store on loopback'
compare far 'Three databases into a store with 40 ms and 80 MB/s a connection' --latency-ms=40 --mbps=80

for ((i = 0; i < runs; i++)); do
    number=$((number + 1))
    start_sink "sink-$number"
    measure bare bare_dump
    for jobs in 1 2 4; do
        in_one large "$jobs" --targets=large.yaml --without-database=codeintel,codeinsights
    done
    stop_sink
done
heading 'One large database, thrown away'
row 'pg_dump >/dev/null' bare bare
for jobs in 1 2 4; do row "run --jobs=$jobs" "large-$jobs" bare; done

"$python" "$scripts/rate-relay.py" "$port" 20 >"$scratch/relay" &
relay=$!
until [ -s "$scratch/relay" ]; do sleep 0.05; done
(umask 077 && example_targets "$(head -n 1 "$scratch/relay")" >relayed.yaml)
for ((i = 0; i < runs; i++)); do
    number=$((number + 1))
    start_sink "sink-$number"
    for jobs in 1 2 4 8; do in_one relayed "$jobs" --targets=relayed.yaml; done
    stop_sink
done
heading 'Three databases from a server that gives each connection 20 MB/s'
for jobs in 1 2 4 8; do row "run --jobs=$jobs" "relayed-$jobs" relayed-1; done
