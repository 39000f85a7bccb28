# shellcheck shell=bash
# Measuring, for the other scripts to source after postgres.sh.
#
#   measure NAME COMMAND…     runs it, and notes its wall time and its CPU time; what it wrote is in $scratch/output
#   with_peak NAME COMMAND…   runs a program, and notes the most memory that one process of it had at once
#   median WHAT NAME          prints the median of what was noted: `wall` or `cpu` in seconds, `peak` in MB
#   bytes FILE…               prints how many there are in all of them
#
# `runs` is how often everything is measured: $RUNS, or 3.

# shellcheck disable=SC2034 # for the scripts that source this
runs=${RUNS:-3}
export LC_ALL=C # a decimal point in every time; and sed at its fastest

# shellcheck disable=SC2154 # `scratch` is scratch_folder's
measure() {
    local name=$1 TIMEFORMAT='%R %U %S'
    shift
    sync # nobody waits for what the one before has left to write
    { time "$@" >"$scratch/output" 2>&1; } 2>>"$scratch/time-$name" || {
        cat "$scratch/output" >&2
        fail "$name did not end well"
    }
}

with_peak() {
    local notes=$scratch/peak-$1 pid peak=0 now
    shift
    if /usr/bin/time -f %M -o /dev/null true >/dev/null 2>&1; then
        /usr/bin/time -f %M -o "$scratch/peak" "$@" || return
        awk 'END { print $1 * 1024 / 1e6 }' "$scratch/peak" >>"$notes"
    elif /usr/bin/time -l -o /dev/null true >/dev/null 2>&1; then
        /usr/bin/time -l -o "$scratch/peak" "$@" || return
        awk '/maximum resident set size/ { print $1 / 1e6 }' "$scratch/peak" >>"$notes"
    else
        "$@" &
        pid=$!
        while kill -0 "$pid" 2>/dev/null; do
            now=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
            [ "${now:-0}" -le "$peak" ] || peak=$now
            sleep 0.05
        done
        wait "$pid" || return
        awk -v kib="$peak" 'BEGIN { print kib * 1024 / 1e6 }' >>"$notes"
    fi
}

median() {
    case $1 in
    wall) awk '{ print $1 }' "$scratch/time-$2" ;;
    cpu) awk '{ print $2 + $3 }' "$scratch/time-$2" ;;
    peak) cat "$scratch/peak-$2" ;;
    esac | sort -n | awk '{ t[NR] = $1 } END { print (t[int((NR + 1) / 2)] + t[int(NR / 2) + 1]) / 2 }'
}

bytes() {
    wc -c "$@" | awk 'END { print $1 }'
}
