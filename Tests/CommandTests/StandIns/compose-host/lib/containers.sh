# shellcheck shell=bash
# Containers: a folder each, and a process in a session of its own that looks after what runs in it (`container`).

# shellcheck disable=SC2154 # lib.sh sets `host`
containers=$host/containers

# `get CONTAINER FIELD`
get() { cat "$1/$2" 2>/dev/null; }

# `put CONTAINER FIELD VALUE`: whoever reads it sees the old one or the new one.
put() { printf '%s\n' "$3" >"$1/.$2.$$" && mv "$1/.$2.$$" "$1/$2"; }

# The folders of all containers, in the order of their making.
all_containers() {
    local folder
    for folder in "$containers"/*/; do
        [ -e "$folder/id" ] && printf '%s %s\n' "$(get "$folder" number)" "${folder%/}"
    done | sort -n | cut -d ' ' -f 2-
}

# Sets `container` to the folder of the one with this name, or an id that begins so.
find_container() {
    local folder
    container=$containers/${1#/}
    case ${1#/} in
    '' | */* | .*) return 1 ;;
    esac
    [ ! -e "$container/id" ] || return 0
    for folder in "$containers"/*/; do
        container=${folder%/}
        case $(get "$container" id) in "$1"*) return 0 ;; esac
    done
    return 1
}

is_running() { contains 'running restarting' "$(get "$1" status)"; }

# `create_container NAME SERVICE ONE_OFF IMAGE RESTART`: its command's words are on standard input, a line each; sets
# `container`. Fails, with `taken_by`, if there is one of that name.
create_container() {
    local words number
    words=$(cat)
    mkdir -p "$containers"
    if ! mkdir "$containers/$1" 2>/dev/null; then
        # shellcheck disable=SC2034 # for whoever calls
        taken_by=$(get "$containers/$1" id)
        return 1
    fi
    container=$containers/$1
    chmod 700 "$container"
    printf '%s\n' "$words" >"$container/command"
    printf '%s\n' "$2" >"$container/service"
    printf '%s\n' "$3" >"$container/oneoff"
    printf '%s\n' "$4" >"$container/image"
    printf '%s\n' "$5" >"$container/restart"
    printf '%s\n' created >"$container/status"
    printf '%s\n' 0 >"$container/exitcode"
    printf '%s\n' 0 >"$container/restarts"
    : >"$container/log"
    number=$(($(wc -l <"$host/numbers") + 1))
    printf '%s\n' "$1" >>"$host/numbers"
    printf '%s\n' "$number" >"$container/number"
    put "$container" id "$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
}

start_container() {
    rm -f "$1/stopping"
    put "$1" status created
    # A daemon's child, not this client's: in a session of its own, and with none of the client's files.
    perl -MPOSIX=setsid -e 'exit if fork; setsid; exec @ARGV' "$BASH" "$host/lib/container" "$1" \
        </dev/null >>"$1/supervisor.log" 2>&1
    while [ "$(get "$1" status)" = created ]; do sleep 0.02; done
}

# `stop_container CONTAINER SECONDS`: asks, then kills; returns when it has ended.
stop_container() {
    local process asked='' rounds=$(($2 * 20))
    : >"$1/stopping"
    while is_running "$1"; do
        process=$(get "$1" process)
        if [ "$rounds" -le 0 ]; then
            kill -KILL -- "-$process" 2>/dev/null
        elif [ "$process" != "$asked" ]; then
            kill -TERM "$process" 2>/dev/null && asked=$process
        fi
        rounds=$((rounds - 1))
        sleep 0.05
    done
}

# Its name is free then; what is known of it stays.
remove_container() {
    stop_container "$1" 0
    retire_container "$1"
}

retire_container() {
    mkdir -p "$host/gone"
    mv "$1" "$host/gone/$(get "$1" id)" 2>/dev/null
}

# Waits for its end, also when it is removed with it; sets `exit_code`.
await_container() {
    local id
    id=$(get "$1" id)
    while [ "$(get "$1" id)" = "$id" ] && is_running "$1"; do sleep 0.05; done
    read_exit_code "$1" "$id"
}

# `read_exit_code CONTAINER ID`: it may be removed at any moment, and its name be another's then.
read_exit_code() {
    exit_code=$(get "$1" exitcode)
    [ "$(get "$1" id)" = "$2" ] || exit_code=$(get "$host/gone/$2" exitcode)
    [ -n "$exit_code" ]
}

# Prints what it has written, each stream to its own: `print_log CONTAINER LINES`, all of it without a number.
print_log() {
    local kind line
    tail -n "${2:-+1}" "$1/log" | while IFS= read -r line; do
        kind=${line%% *} line=${line#* }
        if [ "$kind" = E ]; then say "$line"; else printf '%s\n' "$line"; fi
    done
}

# The same while it is being written, to its end.
follow_log() {
    local folder=$1 id line over=no
    id=$(get "$folder" id)
    exec 7<"$folder/log"
    while :; do
        while IFS= read -r line <&7; do
            if [ "${line%% *}" = E ]; then say "${line#* }"; else printf '%s\n' "${line#* }"; fi
        done
        [ "$over" = no ] || break
        # Once more after its end, for what it wrote last.
        if [ "$(get "$folder" id)" != "$id" ] || ! is_running "$folder"; then over=yes; else sleep 0.05; fi
    done
    exec 7<&-
}
