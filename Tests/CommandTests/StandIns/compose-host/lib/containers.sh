# shellcheck shell=bash
# Containers: a folder each, its owner's alone, and a process in a session of its own that looks after what runs in it (`container`).

# shellcheck disable=SC2154 # lib.sh sets `host`
containers=$host/containers

# `get CONTAINER FIELD` sets `value`; fails, with nothing in it, where there is no such field.
get() {
    value=
    { read -r value <"$1/$2"; } 2>/dev/null || :
    [ -n "$value" ]
}

# `put CONTAINER FIELD VALUE`: whoever reads it sees the old one or the new one. It is written over the old one, at once
# and with as many bytes: empty lines are what is left over.
put() {
    local padding=$'\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n'
    # In a container that is being removed there is nothing to tell.
    { printf '%s%s' "$3" "${padding:${#3}}" 1<>"$1/$2"; } 2>/dev/null || :
}

# Sets `all` to the folders of all containers, in the order of their making.
all_containers() {
    local name i names=() seen=' '
    while read -r name; do names+=("$name"); done <"$host/numbers"
    all=()
    # A name may have been another's before.
    for ((i = ${#names[@]} - 1; i >= 0; i--)); do
        name=${names[i]}
        if contains "$seen" "$name" || [ ! -s "$containers/$name/id" ]; then continue; fi
        seen="$seen$name "
        all=("$containers/$name" ${all[@]+"${all[@]}"})
    done
}

# Sets `container` to the folder of the one with this name, or an id that begins so.
find_container() {
    local folder
    container=$containers/${1#/}
    case ${1#/} in
    '' | */* | .*) return 1 ;;
    esac
    [ ! -s "$container/id" ] || return 0
    for folder in "$containers"/*/; do
        container=${folder%/}
        get "$container" id || continue
        case $value in "$1"*) return 0 ;; esac
    done
    return 1
}

is_running() { get "$1" status && contains 'running restarting' "$value"; }

# `is_still CONTAINER ID`: it has not been removed meanwhile, and its name is no other's.
is_still() { get "$1" id && [ "$value" = "$2" ]; }

# Sets `value` to an id that no other container has.
new_id() {
    local i
    printf -v value '%08x' $$
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do printf -v value '%04x%s' $((RANDOM * 2 + RANDOM % 2)) "$value"; done
}

# `create_container NAME SERVICE ONE_OFF IMAGE RESTART PROJECT WORD…`; sets `container`. Its variables are in the array
# `variables`, and `has_health` says whether it has a health. Fails, with `taken_by`, if there is one of that name.
create_container() {
    if ! mkdir -m 700 "$containers/$1" 2>/dev/null; then
        get "$containers/$1" id
        # shellcheck disable=SC2034 # for whoever calls
        taken_by=$value
        return 1
    fi
    container=$containers/$1
    printf '%s\n' "$2" >"$container/service"
    printf '%s\n' "$3" >"$container/oneoff"
    printf '%s\n' "$4" >"$container/image"
    printf '%s\n' "$5" >"$container/restart"
    printf '%s\n' "$6" >"$container/project"
    printf '%s\n' "$1" >>"$host/numbers"
    printf '%q\n' "${@:7}" >"$container/command" # a word may have many lines
    # shellcheck disable=SC2154 # of whoever calls
    printf '%s\n' "${variables[@]}" >"$container/environment"
    # shellcheck disable=SC2154 # of whoever calls
    if [ "$has_health" = yes ]; then : >"$container/has-health"; fi
    put "$container" status created
    put "$container" exitcode 0
    put "$container" restarts 0
    : >"$container/log"
    # With its id it is there.
    new_id
    printf '%s\n' "$value" >"$container/id"
}

# A daemon's child, not this client's: in a session of its own, and with none of the client's files.
start_container() {
    local rounds=6000
    [ ! -e "$1/stopping" ] || rm -f "$1/stopping"
    put "$1" status created
    if command -v setsid >/dev/null; then
        setsid "$BASH" "$host/lib/container" "$1" </dev/null >>"$1/supervisor.log" 2>&1 7<&- 8<&- &
    else
        perl -MPOSIX=setsid -e 'exit if fork; setsid; exec @ARGV' "$BASH" "$host/lib/container" "$1" \
            </dev/null >>"$1/supervisor.log" 2>&1
    fi
    while get "$1" status && [ "$value" = created ]; do
        [ $((rounds -= 1)) -gt 0 ] || die 1 "the container in $1 does not start" "$(cat "$1/supervisor.log")"
        pause 0.01
    done
}

# `stop_container CONTAINER SECONDS`: asks, then kills; returns when it has ended.
stop_container() {
    local process asked='' rounds=$(($2 * 50))
    : >"$1/stopping"
    while is_running "$1"; do
        get "$1" process
        process=$value
        if [ "$rounds" -le 0 ]; then
            kill -KILL -- "-$process" 2>/dev/null
        elif [ "$process" != "$asked" ]; then
            kill -TERM "$process" 2>/dev/null && asked=$process
        fi
        rounds=$((rounds - 1))
        pause 0.02
    done
}

# Its name is free then; what is known of it stays.
remove_container() {
    stop_container "$1" 0
    retire_container "$1"
}

retire_container() { get "$1" id && mv "$1" "$host/gone/$value" 2>/dev/null; }

# Waits for its end, also when it is removed with it; sets `exit_code`.
await_container() {
    local id
    get "$1" id
    id=$value
    while is_still "$1" "$id" && is_running "$1"; do pause 0.02; done
    read_exit_code "$1" "$id"
}

# `read_exit_code CONTAINER ID`: it may be removed at any moment, and its name be another's then.
read_exit_code() {
    get "$1" exitcode
    exit_code=$value
    if ! is_still "$1" "$2"; then
        get "$host/gone/$2" exitcode
        exit_code=$value
    fi
    [ -n "$exit_code" ]
}

print_line() { if [ "${1%% *}" = E ]; then say "${1#* }"; else printf '%s\n' "${1#* }"; fi; }

# Prints what it has written, each stream to its own: `print_log CONTAINER LINES`, all of it without a number.
print_log() {
    local line
    while IFS= read -r line; do print_line "$line"; done < <(tail -n "${2:-+1}" "$1/log")
}

# The same while it is being written, to its end.
follow_log() {
    local folder=$1 id line over=no
    get "$folder" id
    id=$value
    exec 7<"$folder/log"
    while :; do
        while IFS= read -r line <&7; do print_line "$line"; done
        [ "$over" = no ] || break
        # Once more after its end, for what it wrote last.
        if is_still "$folder" "$id" && is_running "$folder"; then pause 0.02; else over=yes; fi
    done
    exec 7<&-
}
