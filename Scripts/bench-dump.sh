#!/usr/bin/env bash
# What MigrationKit adds to a dump, as ratios of what pg_dump alone takes on this machine: medians of runs that take
# turns. Makes a scratch PostgreSQL of 2.5 GiB in TMPDIR, which takes minutes and, with the dumps, 9 GB.
#
#   Scripts/bench-dump.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"
. "$(dirname "$0")/measure.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build/release}" && pwd)

# A row of a table: what, its wall time, its rate over so many bytes, and its time as a multiple of another's.
row() {
    awk -v what="$1" -v s="$(median wall "$2")" -v bytes="$3" -v base="$(median wall "$4")" \
        'BEGIN { printf "| %-42s | %6.2f | %6.0f | %5.2f |\n", what, s, bytes / s / 1e6, s / base }'
}

heading() {
    printf '\n%s\n\n| %-42s | %6s | %6s | %5s |\n|%s|--------|--------|-------|\n' "$1" "" "s" "MB/s" "ratio" \
        "--------------------------------------------"
}

# What is measured

bare_dump() {
    "$PG_BIN/pg_dump" --clean --format=plain --if-exists --no-acl --no-owner --quote-all-identifiers \
        --host=127.0.0.1 --port="$port" --username=sg --dbname="$1" >"bare/$1.sql"
}

bare_dumps() {
    local sg codeintel codeinsights
    bare_dump sg & sg=$!
    bare_dump codeintel & codeintel=$!
    bare_dump codeinsights & codeinsights=$!
    wait "$sg" && wait "$codeintel" && wait "$codeinsights"
}

one_database() { src-snapshot databases pg_dump --targets=targets.yaml --only=primary --run --force; }
all_databases() { src-snapshot databases pg_dump --targets=targets.yaml --run --force; }

# Google's own advice for dumps, which alters data; here for its speed.
google_sed() { sed -E 's/(DROP|CREATE|COMMENT ON) EXTENSION/-- \1 EXTENSION/g' "$1" >/dev/null; }
# shellcheck disable=SC2002 # a pipe is what is measured
piped_cat() { cat "$1" | cat >/dev/null; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }

# The databases: each one's dump is 0.5 GiB, and one of 1 GiB for the pass over a dump

ensure_postgres
scratch_folder
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PG_BIN:$PATH"
say "Making databases of 2.5 GiB in $scratch …"
port=$(scratch_cluster "$scratch/source" sg)
mkdir -m 700 "$scratch/run"
cd "$scratch/run"
mkdir bare
load_example "$port" primary large -v scale=49
bare_dump large
"$PG_BIN/dropdb" -h 127.0.0.1 -p "$port" -U sg large
load_example "$port" primary sg -v scale=25
load_example "$port" codeintel codeintel -v scale=87
load_example "$port" codeinsights codeinsights -v scale=275
(umask 077 && example_targets "$port" >targets.yaml)

say "Measuring, $runs runs of each …"
for ((i = 0; i < runs; i++)); do
    rm -rf src-snapshot bare/sg.sql
    measure bare-one bare_dump sg
    measure ours-one one_database
done
for ((i = 0; i < runs; i++)); do
    rm -rf src-snapshot bare/sg.sql bare/codeintel.sql bare/codeinsights.sql
    measure bare-all bare_dumps
    measure ours-all all_databases
done
for ((i = 0; i < runs; i++)); do
    measure cat piped_cat bare/large.sql
    measure inspect inspect-dump bare/large.sql
    measure sed google_sed bare/large.sql
    measure sha256 sha256 bare/large.sql
done

one=$(bytes bare/sg.sql)
all=$(bytes bare/sg.sql bare/codeintel.sql bare/codeinsights.sql)
large=$(bytes bare/large.sql)

heading "One database"
row 'pg_dump' bare-one "$one" bare-one
row 'src-snapshot databases --only=primary' ours-one "$one" bare-one
heading "Three databases at once"
row 'three times pg_dump' bare-all "$all" bare-all
row 'src-snapshot databases' ours-all "$all" bare-all
heading "One pass over a dump of $large bytes"
row 'cat, through a pipe' cat "$large" cat
row 'inspect-dump' inspect "$large" cat
row 'sed, as Google documents it' sed "$large" cat
row 'sha256sum' sha256 "$large" cat

rm -rf src-snapshot
with_peak dump src-snapshot databases pg_dump --targets=targets.yaml --run --force >/dev/null 2>&1
with_peak inspect inspect-dump bare/large.sql >/dev/null 2>&1
printf '\nPeak memory: src-snapshot databases %.1f MB, inspect-dump %.1f MB\n' "$(median peak dump)" "$(median peak inspect)"
