#!/usr/bin/env bash
# What an upload to Google Cloud Storage takes beside what other programs take for the same dump: medians of runs that
# take turns, into a sink on loopback that throws everything away. Once as fast as it goes, once over what is like a
# long way. Makes a scratch PostgreSQL in TMPDIR for a dump of 1 GiB, which takes a minute and 4 GB.
#
#   Scripts/bench-upload.sh [FOLDER OF THE BUILT COMMANDS]
#
# Needs Python 3.9. Fetches Google's library from PyPI, and rclone with apt-get where there is none, into .build-bench;
# nothing is installed. What cannot be had is left out.
set -euo pipefail

. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/example.sh"
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/sink.sh"

binaries=$(cd "${1:-$(dirname "$scripts")/.build/release}" && pwd)
cache=$(dirname "$scripts")/.build-bench
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

# Who takes part

ways='none cloud-sql gzip'
python=python3

find_google() {
    local venv=$cache/venv imports='import google_crc32c, google.cloud.storage'
    if ! "$venv/bin/python" -c "$imports" 2>/dev/null; then
        say "Fetching google-cloud-storage and google-crc32c from PyPI into $venv …"
        python3 -m venv "$venv" >&2 &&
            "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --timeout 15 --retries 1 \
                google-cloud-storage google-crc32c >&2 &&
            "$venv/bin/python" -c "$imports" || return
    fi
    python=$venv/bin/python
    google="google-cloud-storage $("$python" -c 'import google.cloud.storage as it; print(it.__version__)')"
}

find_rclone() {
    rclone=$(command -v rclone) && return
    rclone=$cache/rclone/usr/bin/rclone
    [ ! -x "$rclone" ] || return 0
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return
    say "Fetching rclone with apt-get into $cache/rclone …"
    mkdir -p "$cache/rclone" && (cd "$cache/rclone" && apt-get download rclone >&2 && dpkg-deb -x rclone_*.deb .)
}

find_peers() {
    if find_rclone; then
        ways+=' rclone'
    else
        say 'rclone is left out: it is not installed, and apt-get does not have it. Without it there are no ratios.'
    fi
    if find_google; then
        ways+=' google-resumable google-multipart'
    else
        say "Google's library is left out: PyPI does not give it."
    fi
    if command -v curl >/dev/null; then
        ways+=' curl'
    else
        say 'curl is left out: it is not installed.'
    fi
    "$python" -c 'import google_crc32c' 2>/dev/null ||
        say 'There is no google_crc32c: of what arrived only the size is checked.'
}

name_of() {
    case $1 in
    none) printf 'src-snapshot upload --profile none\n' ;;
    cloud-sql) printf 'src-snapshot upload\n' ;;
    gzip) printf 'src-snapshot upload --gzip\n' ;;
    rclone) "$rclone" version | awk 'NR == 1 { print $1 " " $2 ", one stream" }' ;;
    google-resumable) printf '%s, one stream\n' "$google" ;;
    google-multipart) printf '%s, 8 processes\n' "$google" ;;
    curl) printf 'curl, one PUT and no checksum\n' ;;
    esac
}

# Sets `command` to what puts the dump below gs://bench/PREFIX: command_for WAY PREFIX
command_for() {
    local dump=src-snapshot/primary.sql ours
    ours=(src-snapshot upload -bucket="gs://bench/$2" -file=primary.sql --json)
    case $1 in
    none) command=("${ours[@]}" --profile=none) ;;
    cloud-sql) command=("${ours[@]}") ;;
    gzip) command=("${ours[@]}" --gzip) ;;
    rclone)
        command=("$rclone" --config=/dev/null --retries=1 copyto "$dump" ":gcs:bench/$2/primary.sql"
            --gcs-endpoint="$STORAGE_EMULATOR_HOST/storage/v1/" --gcs-anonymous --gcs-no-check-bucket --no-check-dest
            --gcs-bucket-policy-only)
        ;;
    google-*) command=("$python" "$scripts/google-upload.py" "${1#google-}" "$dump" bench "$2/primary.sql") ;;
    curl)
        command=(curl --silent --show-error --fail --upload-file "$dump"
            "$STORAGE_EMULATOR_HOST/bench/$2/primary.sql")
        ;;
    esac
}

# Fails if the sink has not made this object of so many bytes with that CRC32C.
check_stored() {
    awk -v object="bench/$1" -v size="$2" -v crc="$3" \
        '$1 == object && $2 == size && ($3 == crc || $3 == "-") { is_there = 1 } END { exit !is_there }' "$sink_log" ||
        fail "$1 should have $2 bytes and the CRC32C $3, but the sink has: $(grep "^bench/$1 " "$sink_log" || true)"
}

# Name, size and CRC32C of the dump's object, from what src-snapshot said last.
uploaded_object() {
    "$python" -c '
import json, sys
result = [line for line in sys.stdin if line.startswith("{\"result\":")][-1]
it = json.loads(result)["result"]["databases"][0]["parts"][0]["object"]
print(it["name"], it["size"], it["crc32c"])' <"$scratch/output"
}

# Size and CRC32C of the dump, as they were noted while it was written.
dumped() {
    "$python" -c '
import base64, json, sys
it = json.load(sys.stdin)
print(it["bytes"], base64.b64encode(it["crc32c"].to_bytes(4, "big")).decode())' <src-snapshot/primary.dump.json
}

# Measuring: upload WAY SINK RUN
upload() {
    local prefix=$2-$1-$3 command object size crc
    command_for "$1" "$prefix"
    measure "$2-$1" with_peak "$2-$1" "${command[@]}"
    case $1 in
    none | cloud-sql | gzip)
        read -r object size crc < <(uploaded_object) || fail "$1 said nothing of what it uploaded"
        check_stored "$prefix/$object" "$size" "$crc"
        ;;
    esac
    case $1 in
    cloud-sql | gzip) ;;
    *) check_stored "$prefix/primary.sql" "$dump_size" "$dump_crc" ;;
    esac
}

upload_all() {
    local i way
    for ((i = 1; i <= runs; i++)); do
        for way in $ways; do
            upload "$way" "$1" "$i"
        done
    done
}

table() {
    local way base=''
    [ ! -e "$scratch/time-$2-rclone" ] || base=$(median wall "$2-rclone")
    printf '\n%s\n\n| %-42s | %6s | %6s | %6s | %9s |\n|%s|--------|--------|--------|-----------|\n' "$1" "" \
        "s" "CPU s" "MB" "to rclone" "--------------------------------------------"
    for way in $ways; do
        awk -v what="$(name_of "$way")" -v s="$(median wall "$2-$way")" -v cpu="$(median cpu "$2-$way")" \
            -v peak="$(median peak "$2-$way")" -v base="$base" 'BEGIN {
                ratio = base ? sprintf("%.2f", s / base) : "-"
                printf "| %-42s | %6.2f | %6.2f | %6.0f | %9s |\n", what, s, cpu, peak, ratio
            }'
    done
}

python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || {
    say 'Uploads are not measured: that needs Python 3.9 or later as python3.'
    exit 0
}
ensure_postgres
find_peers
scratch_folder
trap 'stop_sink; remove_scratch' EXIT
PGPASSWORD=$(new_password)
export PGPASSWORD PATH="$binaries:$PG_BIN:$PATH"

say "Making a database of 1 GiB in $scratch, and dumping it …"
port=$(scratch_cluster "$scratch/source" sg)
mkdir -m 700 "$scratch/run"
cd "$scratch/run"
load_example "$port" primary sg -v scale=49 >/dev/null
(umask 077 && example_targets "$port" >targets.yaml)
src-snapshot databases pg_dump --targets=targets.yaml --only=primary --run >/dev/null
stop_cluster "$scratch/source"
rm -rf "$scratch/source"
read -r dump_size dump_crc < <(dumped)

say "Measuring, $runs runs of each …"
start_sink fast
upload_all fast
stop_sink
start_sink slow --latency-ms=40 --mbps=80
upload_all slow
stop_sink

table "Upload of $dump_size bytes, to loopback" fast
table "The same with 40 ms before every answer, and 80 MB/s a connection" slow
printf '\nMB: the most that one process had in memory.\n'
