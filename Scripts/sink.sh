# shellcheck shell=bash
# Stores that throw everything away, for the other scripts to source after postgres.sh.
#
#   start_sink LOG [OPTION…]   starts one of its own, so that none holds what the other has left; sets
#                              STORAGE_EMULATOR_HOST, and `sink_log` to the file in $scratch in which it tells what it
#                              was given; the options are those of storage-sink.py, which runs by `python`
#   stop_sink

# shellcheck disable=SC2154 # `scratch` and `scripts` are those of postgres.sh, `python` is the caller's
sink=''

start_sink() {
    local tries=0
    sink_log=$scratch/$1
    shift
    "$python" "$scripts/storage-sink.py" "$@" >"$sink_log" &
    sink=$!
    until [ -s "$sink_log" ]; do
        if ! kill -0 "$sink" 2>/dev/null || [ $((tries += 1)) -gt 200 ]; then
            fail 'the sink does not start'
        fi
        sleep 0.05
    done
    STORAGE_EMULATOR_HOST=http://127.0.0.1:$(head -n 1 "$sink_log")
    export STORAGE_EMULATOR_HOST
}

stop_sink() {
    [ -n "$sink" ] || return 0
    kill "$sink" 2>/dev/null || true
    wait "$sink" 2>/dev/null || true
    sink=''
}
