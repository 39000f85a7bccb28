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
            folder=${folder%/*} folder=${folder:-/}
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
    case ${files[0]} in
    /*) folder=${files[0]%/*} ;;
    */*) folder=$(cd "${files[0]%/*}" && pwd) ;;
    *) folder=$PWD ;;
    esac
    project=${folder##*/}
    case $project in *[!a-z0-9_-]*) project=$(printf '%s' "$project" | tr '[:upper:]' '[:lower:]' | tr -cd 'a-z0-9_-') ;; esac
}

# Sets `config` to all that the files say, the arrays `paths` and `texts` to the same, and `services` to their names.
read_files() {
    local env='' path text service
    find_files
    [ ! -e "$folder/.env" ] || env=$folder/.env
    config=$(awk -f "$host/lib/yaml.awk" -v env="$env" "${files[@]}") || fail "The Compose file '${files[*]}' is invalid"
    paths=() texts=() services=()
    while IFS=$'\t' read -r path text; do
        paths+=("$path") texts+=("$text")
        case $path in services/*) service=${path#services/} service=${service%%/*} ;; *) continue ;; esac
        contains "${services[*]-}" "$service" || services+=("$service")
    done <<<"$config"
}

# `look_up SERVICE`: sets `image`, `restart`, `container_name` and `has_health`, and the arrays `words` (of its command),
# `variables`, and `dependencies` with their `conditions`.
look_up() {
    local i key
    image='' restart='' container_name='' has_health=no words=() variables=() dependencies=() conditions=()
    for ((i = 0; i < ${#paths[@]}; i++)); do
        case ${paths[i]} in "services/$1/"*) key=${paths[i]#"services/$1/"} ;; *) continue ;; esac
        case $key in
        image) image=${texts[i]} ;;
        restart) restart=${texts[i]} ;;
        container_name) container_name=${texts[i]} ;;
        command/*) words+=("${texts[i]}") ;;
        environment/*) variables+=("${key#environment/}=${texts[i]}") ;;
        healthcheck/*) has_health=yes ;;
        depends_on/*/condition)
            key=${key#depends_on/}
            dependencies+=("${key%/condition}") conditions+=("${texts[i]}")
            ;;
        depends_on/*) dependencies+=("${texts[i]}") conditions+=(service_started) ;;
        esac
    done
}

known() {
    local service
    for service; do
        contains "${services[*]-}" "$service" ||
            fail "$([ "$form" = 2 ] && printf 'no' || printf 'No') such service: $service"
    done
}

# MARK: Containers

# `project_containers ONE_OFF SERVICE…`: sets `found` to the folders of this project's containers: all, or those of
# services that are named; ONE_OFF is no, or all.
project_containers() {
    local one_off=$1 candidate
    shift
    all_containers
    found=()
    for candidate in ${all[@]+"${all[@]}"}; do
        get "$candidate" project && [ "$value" = "$project" ] || continue
        get "$candidate" oneoff
        [ "$one_off" = all ] || [ "$value" = no ] || continue
        get "$candidate" service
        [ $# -eq 0 ] || contains "$*" "$value" || continue
        found+=("$candidate")
    done
}

# The registry has what the deployment's files name, by release.
pull() {
    local repository=${1%%@*} tag
    tag=${repository##*:} repository=${repository%:*}
    case ${repository#index.docker.io/} in
    sourcegraph/migrator | sourcegraph/frontend | sourcegraph/gitserver | sourcegraph/worker) ;;
    sourcegraph/postgres-12-alpine) ;;
    gcr.io/cloud-sql-connectors/cloud-sql-proxy) ;;
    *) fail "pull access denied for $repository, repository does not exist or may require 'docker login'" ;;
    esac
    if [ "$service" = migrator ] && fault registry-down; then
        fail "$([ "$form" = 1 ] || printf 'Error response from daemon: ')Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host"
    fi
    if [[ ! $tag =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { fault pull-fails && contains "$tag " "$fault_value"; }; then
        fail "manifest for $repository:$tag not found: manifest unknown: manifest unknown"
    fi
}

# `make SERVICE NAME ONE_OFF [ARGUMENT…]`: sets `container`; the arguments are in place of the command, and `entrypoint`
# in place of the image's where it is set.
make() {
    local service=$1 name=$2 one_off=$3 repository
    shift 3
    look_up "$service"
    pull "$image"
    repository=${image%%@*}
    variables+=("IMAGE_VERSION=${repository##*:}" ${more_variables[@]+"${more_variables[@]}"})
    repository=${repository%:*}
    [ "$one_off" = no ] || restart=no
    [ $# -gt 0 ] || set -- ${words[@]+"${words[@]}"}
    case $repository in
    */postgres-12-alpine) set -- "$host/lib/postgres" "${entrypoint:-postgres}" "$@" ;;
    *) [ -z "${entrypoint:-}" ] || fail "the entrypoint of $repository is not stood in for" ;;
    esac
    case $repository in
    */postgres-12-alpine) ;;
    */migrator) set -- "$host/lib/migrator" "$@" ;;
    *) set -- "$host/lib/service" "$service" "$@" ;;
    esac
    create_container "$name" "$service" "$one_off" "$image" "$restart" "$project" "$@" || {
        # shellcheck disable=SC2154 # create_container sets it
        conflict="Conflict. The container name \"/$name\" is already in use by container \"$taken_by\". You have to remove (or rename) that container to be able to reuse that name."
        [ "$form" = 1 ] || fail "Error response from daemon: $conflict"
        fail "Cannot create container for service $service: $conflict"
    }
}

# Starts a service and, before it, what it depends on; each once.
bring_up() {
    local service=$1 i name existing dependencies conditions
    ! contains "$brought" "$service" || return 0
    brought="$brought $service"
    look_up "$service"
    name=${container_name:-${project}_${service}_1}
    for ((i = 0; i < ${#dependencies[@]}; i++)); do
        bring_up "${dependencies[i]}"
        # Whatever the file's version says, v1 only keeps the order.
        [ "$form" = 1 ] || await_dependency "${dependencies[i]}" "${conditions[i]}"
    done

    look_up "$service"
    existing=$containers/$name
    if get "$existing" image && [ "$value" != "$image" ] && [ -s "$existing/id" ]; then
        say "Recreating $name ... "
        remove_container "$existing"
    fi
    if [ ! -s "$existing/id" ]; then
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
    project_containers no "$service"
    dependency=${found[0]}
    case $condition in
    service_completed_successfully)
        await_container "$dependency"
        [ "$exit_code" = 0 ] || fail "service \"$service\" didn't complete successfully: exit $exit_code"
        ;;
    service_healthy)
        while get "$dependency" health && [ "$value" = starting ] && is_running "$dependency"; do pause 0.02; done
        get "$dependency" health
        [ "$value" = healthy ] || fail "dependency failed to start: container $service is unhealthy"
        ;;
    service_started) ;;
    *) fail "depends_on.$service.condition is unknown: $condition" ;;
    esac
}
