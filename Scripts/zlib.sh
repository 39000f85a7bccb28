#!/usr/bin/env bash
# zlib's header, without which nothing can be built; installs it where there is none. macOS brings it along.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

has_zlib() {
    [ "$(uname)" = Darwin ] || [ -e /usr/include/zlib.h ] || pkg-config --exists zlib 2>/dev/null
}

has_zlib && exit
if command -v apt-get >/dev/null; then
    install_packages zlib1g-dev
fi
has_zlib || {
    printf "zlib's header is needed: zlib1g-dev, zlib-devel or the like.\n" >&2
    exit 1
}
