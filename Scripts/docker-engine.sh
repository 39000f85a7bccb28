# shellcheck shell=bash
# A docker engine of one's own, for the other scripts to source after postgres.sh.
#
#   fetch_docker                 the engine, docker-compose and what images are made of: those that are installed, or
#                                the system's packages, unpacked into .build-docker and not installed
#   start_docker                 starts an engine in $scratch/docker; sets DOCKER_HOST and DOCKER_CONFIG
#   stop_docker                  ends it with all that runs in it; so does the end of the script
#   compose_forms                prints which of `docker-compose` and `plugin` there are
#   compose_programs FORM DIR    makes DIR: what a machine has in its PATH
#
# The first two fail where no engine can be had or started: the reason is in `docker_problem`.
#
# The engine is in namespaces of its own: neither its bridges nor its rules of iptables nor its mounts are the system's,
# and with the first process of its namespace all of its containers end.

# shellcheck disable=SC2154 # of postgres.sh
docker_root=${DOCKER_CACHE:-$(dirname "$scripts")/.build-docker}/root
docker_packages=(docker.io docker-compose busybox-static socat)

fetch_docker() {
    local names packages=${docker_root%/*}/packages
    can_have_engine || return 1
    export PATH="$docker_root/usr/sbin:$docker_root/usr/bin:$docker_root/sbin:$docker_root/bin:$PATH"
    [ ! -e "$docker_root/complete" ] || return 0
    command -v apt-get >/dev/null || {
        docker_problem='the packages are fetched with apt-get, which is not here'
        return 1
    }
    rm -rf "$docker_root" "$packages"
    mkdir -p "$docker_root" "$packages"
    names=$(missing_packages) || { apt-get update >&2 && names=$(missing_packages); } || {
        docker_problem="apt-get does not know one of ${docker_packages[*]}"
        return 1
    }
    say "Fetching ${names//$'\n'/, } with apt-get."
    # shellcheck disable=SC2086 # names
    [ -z "$names" ] || (cd "$packages" && apt-get -o APT::Sandbox::User="$(id -un)" download $names >/dev/null) || {
        docker_problem='the packages cannot be fetched'
        return 1
    }
    find "$packages" -name '*.deb' -exec dpkg-deb -x {} "$docker_root" \;
    link_iptables
    : >"$docker_root/complete"
}

can_have_engine() {
    if [ "$(uname)" != Linux ]; then
        docker_problem='an engine of its own needs Linux'
    elif [ "$EUID" -ne 0 ]; then
        docker_problem='an engine of its own needs root'
    elif ! unshare --mount --net --pid --fork true 2>"$scratch/unshare.log"; then
        docker_problem=$(tail -n 1 "$scratch/unshare.log")
    else
        return 0
    fi
    return 1
}

# What apt-get would install.
missing_packages() {
    apt-get --simulate --no-install-recommends install "${docker_packages[@]}" >"$scratch/apt.log" || return 1
    sed -n 's/^Inst \([^ ]*\).*/\1/p' "$scratch/apt.log"
}

# A package has these made when it is installed.
link_iptables() {
    local program
    [ -e "$docker_root/usr/sbin/iptables-nft" ] || return 0
    for program in iptables ip6tables; do
        ln -sf "$program-nft" "$docker_root/usr/sbin/$program"
        ln -sf "$program-nft-save" "$docker_root/usr/sbin/$program-save"
        ln -sf "$program-nft-restore" "$docker_root/usr/sbin/$program-restore"
    done
}

start_docker() {
    local rounds=300 folder=$scratch/docker libraries
    docker_cgroup=migrationkit-$$
    mkdir "$folder" "$folder/config"
    printf '{}\n' >"$folder/daemon.json" # and not the system's
    mkfifo "$folder/hold"
    exec 8<>"$folder/hold"
    libraries=$(find "$docker_root/usr/lib" -maxdepth 1 -name '*-linux-gnu*' 2>/dev/null | head -n 1)
    # Its first process ends when it is told to, when nobody holds the fifo open any more, and with the engine.
    # shellcheck disable=SC2016 # they are its own
    LD_LIBRARY_PATH=$libraries XTABLES_LIBDIR=${libraries:+$libraries/xtables} FOLDER=$folder CGROUP=$docker_cgroup \
        unshare --mount --net --pid --fork --mount-proc bash -c '
            trap exit TERM
            busybox ip link set lo up
            {
                dockerd --config-file="$FOLDER/daemon.json" --data-root="$FOLDER/data" --exec-root="$FOLDER/exec" \
                    --pidfile="$FOLDER/pid" --host="unix://$FOLDER/docker.sock" --group=root \
                    --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent="/$CGROUP" </dev/null
                kill -TERM 1
            } &
            read -r _
        ' 8>&- 9>&- <"$folder/hold" >"$folder/log" 2>&1 &
    docker_engine=$!
    export DOCKER_HOST=unix://$folder/docker.sock DOCKER_CONFIG=$folder/config
    until docker version >/dev/null 2>&1; do
        if [ $((rounds -= 1)) -le 0 ] || ! kill -0 "$docker_engine" 2>/dev/null; then
            docker_problem=$(grep -v 'level=info' "$folder/log" | tail -n 1)
            docker_problem=${docker_problem:-the engine does not answer}
            stop_docker
            return 1
        fi
        sleep 0.1
    done
}

stop_docker() {
    [ -n "${docker_engine:-}" ] || return 0
    printf 'end\n' >&8
    wait "$docker_engine" || :
    exec 8>&-
    docker_engine=
    find /sys/fs/cgroup -depth -type d -path "*/$docker_cgroup*" -exec rmdir {} + 2>/dev/null || :
}

compose_forms() {
    ! command -v docker-compose >/dev/null || printf 'docker-compose\n'
    ! compose_plugin >/dev/null || printf 'plugin\n'
}

compose_programs() {
    local folder=$2
    mkdir -p "$folder"
    ln -s "$(command -v docker)" "$folder/docker"
    case $1 in
    docker-compose)
        cat >"$folder/docker-compose" <<PROGRAM
#!/bin/sh
PYTHONPATH='$docker_root/usr/lib/python3/dist-packages' exec '$(command -v docker-compose)' "\$@"
PROGRAM
        chmod 755 "$folder/docker-compose"
        ;;
    plugin)
        mkdir -p "$DOCKER_CONFIG/cli-plugins"
        ln -sf "$(compose_plugin)" "$DOCKER_CONFIG/cli-plugins/docker-compose"
        ;;
    esac
}

# Prints where compose's plugin is; not where docker-compose is installed, too: it would be taken before the plugin.
compose_plugin() {
    local folder
    for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
        [ ! -x "$folder/docker-compose" ] || return 1
    done
    for folder in "$docker_root"/usr/lib{exec,}/docker/cli-plugins /usr/{local/,}lib{exec,}/docker/cli-plugins; do
        [ ! -x "$folder/docker-compose" ] || {
            printf '%s\n' "$folder/docker-compose"
            return
        }
    done
    return 1
}
