# shellcheck shell=bash
# The commands of compose, as far as they are stood in for; `compose ARGUMENT…` runs one.
# shellcheck disable=SC2154 # lib.sh sets `host`

compose() {
    files=() brought=
    while [ $# -gt 0 ]; do
        case $1 in
        -f | --file)
            [ $# -ge 2 ] || usage "$1 requires argument"
            files+=("$2")
            shift
            ;;
        --file=*) files+=("${1#*=}") ;;
        -*) command=; unknown_flag "$1" ;;
        *) break ;;
        esac
        shift
    done
    command=${1:-}
    [ $# -eq 0 ] || shift
    case $command in
    version | config | down | up | ps | logs | stop | run) "compose_$command" "$@" ;;
    *)
        [ "$form" = 1 ] || die 1 "unknown docker command: \"compose $command\""
        die 1 "No such command: $command" '' 'Commands:' '  config  down  logs  ps  run  stop  up  version'
        ;;
    esac
}

compose_version() {
    case "$form $*" in
    '1 --short') printf '1.29.2\n' ;;
    '2 --short') printf '2.20.2\n' ;;
    '1 ')
        printf '%s\n' 'docker-compose version 1.29.2, build 5becea4c' 'docker-py version: 5.0.0' \
            'CPython version: 3.7.10' 'OpenSSL version: OpenSSL 1.1.0l  10 Sep 2019'
        ;;
    '2 ') printf 'Docker Compose version v2.20.2\n' ;;
    *) unknown_flag "$1" ;;
    esac
}

compose_config() {
    [ $# -eq 0 ] || unknown_flag "$1"
    local quote="'"
    read_files
    if [ "$form" = 2 ]; then
        quote='"'
        printf 'name: %s\n' "$project"
    fi
    printf '%s\n' "$config" | LC_ALL=C sort -s -t $'\t' -k 1,1 |
        awk -f "$host/lib/config.awk" -v quote="$quote" -v form="$form"
}

# `seconds ARGUMENT…`: takes `-t N` from the arguments, of which the rest is in `rest`.
seconds() {
    timeout=10 rest=()
    while [ $# -gt 0 ]; do
        case $1 in
        -t | --timeout)
            timeout=${2:-}
            shift
            ;;
        --timeout=* | -t=*) timeout=${1#*=} ;;
        *) rest+=("$1") ;;
        esac
        [ $# -eq 0 ] || shift
    done
    case $timeout in '' | *[!0-9]*) usage "invalid argument \"$timeout\" for \"-t, --timeout\" flag" ;; esac
}

compose_down() {
    local name
    seconds "$@"
    set -- ${rest[@]+"${rest[@]}"}
    [ $# -eq 0 ] || [ "$*" = --remove-orphans ] || unknown_flag "$1"
    daemon
    read_files
    project_containers all # what was run by `run` is brought down too
    for container in ${found[@]+"${found[@]}"}; do
        name=${container##*/}
        if is_running "$container"; then
            stop_container "$container" "$timeout"
            say "Stopping $name ... done"
        fi
        remove_container "$container"
        say "Removing $name ... done"
    done
    say "Removing network ${project}_default"
}

compose_up() {
    local detached=no wanted=() service
    while [ $# -gt 0 ]; do
        case $1 in
        -d | --detach) detached=yes ;;
        --remove-orphans | --no-color | --quiet-pull) ;;
        -*) unknown_flag "$1" ;;
        *) wanted+=("$1") ;;
        esac
        shift
    done
    [ $detached = yes ] || usage 'up: in the foreground is not stood in for'
    daemon
    read_files
    known ${wanted[@]+"${wanted[@]}"}
    [ ${#wanted[@]} -gt 0 ] || wanted=("${services[@]}")
    for service in "${wanted[@]}"; do bring_up "$service"; done
}

compose_ps() {
    local flags=''
    while [ $# -gt 0 ]; do
        case $1 in
        -aq | -qa) flags='aq' ;;
        -a | --all) flags=${flags}a ;;
        -q | --quiet) flags=${flags}q ;;
        -*) unknown_flag "$1" ;;
        *) break ;;
        esac
        shift
    done
    case $flags in *q*) ;; *) usage 'ps: without -q is not stood in for' ;; esac
    daemon
    read_files
    known "$@"
    case $flags in *a*) project_containers all "$@" ;; *) project_containers no "$@" ;; esac
    for container in ${found[@]+"${found[@]}"}; do
        case $flags in *a*) ;; *) is_running "$container" || continue ;; esac
        get "$container" id && printf '%s\n' "$value"
    done
    return 0
}

compose_logs() {
    local lines=''
    while [ $# -gt 0 ]; do
        case $1 in
        --no-color) ;;
        --tail=*) lines=${1#*=} ;;
        --tail)
            lines=${2:-}
            shift
            ;;
        -*) unknown_flag "$1" ;;
        *) break ;;
        esac
        shift
    done
    case $lines in all) lines= ;; *[!0-9]*) usage "invalid argument \"$lines\" for \"--tail\" flag" ;; esac
    daemon
    read_files
    known "$@"
    [ "$form" = 2 ] || printf 'Attaching to %s\n' "$*"
    project_containers no "$@"
    for container in ${found[@]+"${found[@]}"}; do
        tail -n "${lines:-+1}" "$container/log" | while IFS= read -r line; do
            printf '%s  | %s\n' "${container##*/}" "${line#* }"
        done
    done
}

compose_stop() {
    seconds "$@"
    set -- ${rest[@]+"${rest[@]}"}
    case ${1:-} in -*) unknown_flag "$1" ;; esac
    daemon
    read_files
    known "$@"
    project_containers no "$@"
    for container in ${found[@]+"${found[@]}"}; do
        is_running "$container" || continue
        stop_container "$container" "$timeout"
        say "Stopping ${container##*/} ... done"
    done
}

compose_run() {
    local remove=no terminal=yes dependencies=yes name='' entrypoint='' service more_variables=()
    while [ $# -gt 0 ]; do
        case $1 in
        --rm) remove=yes ;;
        -T | --no-TTY) terminal=no ;;
        --no-deps) dependencies=no ;;
        --name)
            name=${2:-}
            shift
            ;;
        --name=*) name=${1#*=} ;;
        --entrypoint)
            entrypoint=${2:-}
            shift
            ;;
        -e)
            more_variables+=("${2:-}")
            shift
            ;;
        -*) unknown_flag "$1" ;;
        *) break ;;
        esac
        shift
    done
    [ $# -gt 0 ] || usage 'run: no service is named'
    [ $terminal = no ] || [ -t 0 ] || die 1 'the input device is not a TTY'
    service=$1
    shift
    daemon
    read_files
    known "$service"
    [[ ${name:=${project}_${service}_run_$$} =~ ^[a-zA-Z0-9][a-zA-Z0-9_.-]+$ ]] ||
        fail "Invalid container name ($name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
    if [ $dependencies = yes ]; then
        look_up "$service"
        for dependency in ${dependencies[@]+"${dependencies[@]}"}; do bring_up "$dependency"; done
    fi
    make "$service" "$name" yes "$@"
    [ $remove = no ] || [ "$form" = 1 ] || : >"$container/autoremove"
    attach "$container" "$remove"
}

# In the foreground: its output and its exit status; an interrupt goes on to it. Like the real one, it takes what is on
# standard input.
attach() {
    local eater id
    exec 8<&0
    cat <&8 >/dev/null 2>&1 &
    eater=$!
    exec 8<&-
    # shellcheck disable=SC2064 # the container as it is now
    trap "stop_container '$1' 10; kill $eater 2>/dev/null; [ $form = 2 ] || [ $2 = no ] || remove_container '$1'; exit 1" INT TERM
    start_container "$1"
    get "$1" id
    id=$value
    follow_log "$1"
    read_exit_code "$1" "$id"
    kill $eater 2>/dev/null
    ! fault client-dies || kill -KILL $$
    [ "$2" = no ] || [ "$form" = 2 ] || remove_container "$1"
    [ "$form" = 2 ] || [ "$exit_code" = 0 ] || say "$exit_code"
    exit "$exit_code"
}
