# shellcheck shell=bash
# The images of a managed instance, made of programs of this machine, for the other scripts to source after
# docker-engine.sh.
#
#   make_images RELEASE          sourcegraph/migrator, frontend … of this release, and cloud-sql-proxy
#   make_image NAME RELEASE      one of them
#
# What runs in them is docker-host/enter, which hands on to what stands in for Sourcegraph's programs in tests. The
# migrator works on real databases, by way of a cloud-sql-proxy that forwards to a socket of PostgreSQL's.

# shellcheck disable=SC2154 # of postgres.sh
sourcegraph_images='migrator frontend gitserver worker executor postgres-16'

make_images() {
    local name
    make_files "$1"
    for name in $sourcegraph_images; do make_image "$name" "$1"; done
    import_image cloud-sql-proxy 2.1.1 gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.1.1
}

make_image() { import_image "$1" "$2" "sourcegraph/$1:$2"; }

# `import_image NAME VERSION TAG`
import_image() {
    docker import --change "ENV IMAGE_NAME=$1 IMAGE_VERSION=$2" \
        --change 'ENTRYPOINT ["/bin/tini-static", "--", "/enter"]' - "$3" <"$scratch/files.tar" >/dev/null
}

make_files() {
    local files=$scratch/files host=$scratch/files/host program applet
    mkdir -p "$files"/{bin,etc,tmp,www,cloudsql} "$host"/{faults,holds,containers/cloud-sql-proxy}
    program=$(command -v busybox)
    cp "$program" "$files/bin/busybox"
    for applet in $("$program" --list); do [ -e "$files/bin/$applet" ] || ln -s busybox "$files/bin/$applet"; done
    for program in "$(command -v bash)" "$(command -v socat)" "$(command -v tini-static)" "$PG_BIN/psql"; do
        copy_program "$program"
    done
    printf 'root:x:0:0:root:/:/bin/sh\n' >"$files/etc/passwd"
    cp -R "$scripts/../Tests/CommandTests/StandIns/compose-host/lib" "$host/"
    cp "$scripts/docker-host/enter" "$files/"
    # The containers' programs take themselves to be in the VM's folder: there the proxy is ready. Whether it is, shows
    # when they connect to it.
    printf 'running\n' >"$host/containers/cloud-sql-proxy/status"
    : >"$host/containers/cloud-sql-proxy/ready"
    cat >"$host/settings" <<SETTINGS
psql=/bin/psql database_host=cloud-sql-proxy database_port=5432
start_delay=0 health_delay=0 step_delay=0
SETTINGS
    tar -C "$files" --owner=0 --group=0 -cf "$scratch/files.tar" .
}

# With its libraries, where it looks for them.
copy_program() {
    local library
    rm -f "$files/bin/${1##*/}"
    cp -L "$1" "$files/bin/"
    { ldd "$1" 2>/dev/null || :; } | sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (.*/\1/p' | while read -r library; do
        [ -e "$files$library" ] || (cd / && cp -L --parents "${library#/}" "$files/")
    done
}
