#!/usr/bin/env bash
# zlib's header, without which nothing can be built; installs it where there is none. macOS brings it along.
set -euo pipefail

has_zlib() {
    [ "$(uname)" = Darwin ] || [ -e /usr/include/zlib.h ] || pkg-config --exists zlib 2>/dev/null
}

has_zlib && exit
if command -v apt-get >/dev/null; then
    printf 'No zlib.h here: installing zlib1g-dev with apt-get.\n' >&2
    sudo=''
    [ "$EUID" -eq 0 ] || sudo=sudo
    $sudo apt-get update >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes zlib1g-dev >&2
fi
has_zlib || {
    printf "zlib's header is needed: zlib1g-dev, zlib-devel or the like.\n" >&2
    exit 1
}
