# shellcheck shell=bash
# Roots of Debian in a folder, for the other scripts to source after apt.sh. They need root.
#
#   debian_root RELEASE FOLDER [PACKAGE...]   makes it with debootstrap where it is missing; fails where that cannot be
#   in_root FOLDER COMMAND…                   runs a command there, in namespaces of its own: no network, nothing stays

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

debian_root() {
    local release=$1 folder=$2 packages link
    shift 2
    [ ! -e "$folder/.complete" ] || return 0
    command -v debootstrap >/dev/null || install_packages debootstrap || return 1
    rm -rf "$folder"
    mkdir -p "$(dirname "$folder")"
    packages=$(IFS=,; printf '%s' "$*")
    printf 'Fetching Debian %s into %s.\n' "$release" "$folder" >&2
    debootstrap --variant=minbase ${packages:+"--include=$packages"} "$release" "$folder" "$mirror" >"$folder.log" 2>&1 || {
        tail -n 5 "$folder.log" >&2
        return 1
    }
    # A linker that is not in that root would follow these to the libraries of this one.
    find "$folder/lib64/" "$folder"/usr/lib/*-linux-gnu*/ -maxdepth 1 -lname '/*' 2>/dev/null | while read -r link; do
        ln -sfrT "$folder$(readlink "$link")" "$link"
    done
    touch "$folder/.complete"
}

in_root() {
    local folder=$1
    shift
    unshare --mount --pid --net --ipc --fork --mount-proc="$folder/proc" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        chroot "$folder" "$@"
}
