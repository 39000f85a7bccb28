# shellcheck shell=bash
# What `docker-compose` (v1, `form` is 1) and `docker compose` (v2, the plugin) have in common. Takes the arguments.
# shellcheck disable=SC2154 # lib.sh sets `host`

# Both tell of errors; the first says that they are some.
fail() { die 1 "$([ "$form" = 2 ] || printf 'ERROR: ')$1"; }

usage() {
    if [ "$form" = 1 ]; then
        die 1 "$1" '' 'Define and run multi-container applications with Docker.' '' "Usage:" \
            '  docker-compose [-f <arg>...] [--profile <name>...] [options] [--] [COMMAND] [ARGS...]'
    fi
    die 125 "$1" "See 'docker compose --help'."
}

unknown_flag() {
    [ "$form" = 1 ] || die 125 "unknown flag: $1" "See 'docker compose $command --help'."
    usage "Unsupported option: $1"
}

daemon() {
    ! fault docker-down || fail "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
}

# MARK: The files

# Sets `files`, and `folder` that the first one is in.
find_files() {
    local name
    if [ ${#files[@]} -eq 0 ] && [ -n "${COMPOSE_FILE:-}" ]; then
        IFS=${COMPOSE_PATH_SEPARATOR:-:} read -r -a files <<<"$COMPOSE_FILE"
    fi
    folder=$PWD
    if [ ${#files[@]} -eq 0 ]; then
        while :; do
            for name in compose.yaml compose.yml docker-compose.yml docker-compose.yaml; do
                [ ! -e "$folder/$name" ] || files=("$folder/$name")
            done
            [ ${#files[@]} -eq 0 ] && [ "$folder" != / ] || break
            folder=$(dirname "$folder")
        done
        if [ ${#files[@]} -eq 0 ]; then
            [ "$form" = 1 ] || die 14 'no configuration file provided: not found'
            fail "
        Can't find a suitable configuration file in this directory or any
        parent. Are you in the right directory?

        Supported filenames: docker-compose.yml, docker-compose.yaml, compose.yml, compose.yaml
        "
        fi
    fi
    for name in "${files[@]}"; do
        [ -e "$name" ] || fail "[Errno 2] No such file or directory: '$name'"
    done
    folder=$(cd "$(dirname "${files[0]}")" && pwd)
    project=$(basename "$folder" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9_-')
}

read_files() {
    local env=''
    find_files
    [ ! -e "$folder/.env" ] || env=$folder/.env
    config=$(awk -f "$host/lib/yaml.awk" -v env="$env" "${files[@]}") || fail "The Compose file '${files[*]}' is invalid"
}

# `of SERVICE KEY`: a value.
of() { printf '%s\n' "$config" | awk -F '\t' -v path="services/$1/$2" '$1 == path { print $2 }'; }

# `below SERVICE KEY`: what stands there, name and value in a line each.
below() {
    printf '%s\n' "$config" | awk -F '\t' -v path="services/$1/$2/" \
        'index($1, path) == 1 { print substr($1, length(path) + 1) "\t" $2 }'
}

services() { printf '%s\n' "$config" | awk -F '[/\t]' '$1 == "services" && !seen[$2]++ { print $2 }'; }

known() {
    local service
    for service; do
        services | grep -qFx -- "$service" || fail "$([ "$form" = 2 ] && printf 'no' || printf 'No') such service: $service"
    done
}

# MARK: Containers

# Folders of this project's containers: all, or those of services that are named; ONE_OFF is no, or all.
project_containers() {
    local one_off=$1 candidate
    shift
    all_containers | while IFS= read -r candidate; do
        [ "$(get "$candidate" project)" = "$project" ] || continue
        [ "$one_off" = all ] || [ "$(get "$candidate" oneoff)" = no ] || continue
        [ $# -eq 0 ] || contains "$*" "$(get "$candidate" service)" || continue
        printf '%s\n' "$candidate"
    done
}

# The registry has what the deployment's files name, by release.
pull() {
    local repository=${1%%@*} tag
    tag=${repository##*:} repository=${repository%:*}
    case ${repository#index.docker.io/} in
    sourcegraph/migrator | sourcegraph/frontend | sourcegraph/gitserver | sourcegraph/worker) ;;
    gcr.io/cloud-sql-connectors/cloud-sql-proxy) ;;
    *) fail "pull access denied for $repository, repository does not exist or may require 'docker login'" ;;
    esac
    if [[ ! $tag =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { fault pull-fails && contains "$tag " "$fault_value"; }; then
        fail "manifest for $repository:$tag not found: manifest unknown: manifest unknown"
    fi
}

# `make SERVICE NAME ONE_OFF [ARGUMENT…]`: sets `container`; the arguments are in place of the command.
make() {
    local service=$1 name=$2 one_off=$3 image tag repository restart
    shift 3
    image=$(of "$service" image)
    pull "$image"
    repository=${image%%@*} tag=${image%%@*}
    tag=${tag##*:} repository=${repository%:*}
    restart=$(of "$service" restart)
    [ "$one_off" = no ] || restart=no
    if [ $# -eq 0 ]; then
        while IFS= read -r word; do set -- "$@" "$word"; done < <(below "$service" command | cut -f 2-)
    fi
    case $repository in
    */migrator) set -- "$host/lib/migrator" "$@" ;;
    *) set -- "$host/lib/service" "$service" "$@" ;;
    esac
    create_container "$name" "$service" "$one_off" "$image" "$restart" < <(printf '%s\n' "$@") || {
        # shellcheck disable=SC2154 # create_container sets it
        conflict="Conflict. The container name \"/$name\" is already in use by container \"$taken_by\". You have to remove (or rename) that container to be able to reuse that name."
        [ "$form" = 1 ] || fail "Error response from daemon: $conflict"
        fail "Cannot create container for service $service: $conflict"
    }
    put "$container" project "$project"
    [ -z "$(below "$service" healthcheck)" ] || : >"$container/has-health"
    (
        umask 077
        below "$service" environment | sed 's/\t/=/'
        printf 'IMAGE_VERSION=%s\n' "$tag"
    ) >"$container/environment"
}

# Starts a service and, before it, what it depends on; each once.
bring_up() {
    local service=$1 dependency condition name existing
    ! contains "$brought" "$service" || return 0
    brought="$brought $service"
    while IFS=$'\t' read -r dependency condition; do
        [ -n "$dependency" ] || continue
        bring_up "${dependency%%/*}"
        # Whatever the file's version says, v1 only keeps the order.
        [ "$form" = 1 ] || await_dependency "${dependency%%/*}" "$condition"
    done < <(below "$service" depends_on)

    name=$(of "$service" container_name)
    name=${name:-${project}_${service}_1}
    existing=$containers/$name
    if [ -e "$existing/id" ] && [ "$(get "$existing" image)" != "$(of "$service" image)" ]; then
        say "Recreating $name ... "
        remove_container "$existing"
    fi
    if [ ! -e "$existing/id" ]; then
        say "Creating $name ... "
        make "$service" "$name" no
        start_container "$container"
    elif is_running "$existing"; then
        say "$name is up-to-date"
        return
    else
        say "Starting $name ... "
        start_container "$existing"
    fi
    say "Creating $name ... done"
}

await_dependency() {
    local service=$1 condition=$2 dependency
    dependency=$(project_containers no "$service")
    case $condition in
    service_completed_successfully)
        await_container "$dependency"
        [ "$exit_code" = 0 ] || fail "service \"$service\" didn't complete successfully: exit $exit_code"
        ;;
    service_healthy)
        while [ "$(get "$dependency" health)" = starting ] && is_running "$dependency"; do sleep 0.05; done
        [ "$(get "$dependency" health)" = healthy ] || fail "dependency failed to start: container $service is unhealthy"
        ;;
    service_started) ;;
    *) fail "depends_on.$service.condition is unknown: $condition" ;;
    esac
}
