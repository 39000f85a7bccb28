#!/usr/bin/env bash
# The headers of zlib and libyaml, without which nothing can be built; installs them where they are missing.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

# `has HEADER PACKAGE`: as the system or pkg-config knows it.
has() { [ -e "/usr/include/$1" ] || pkg-config --exists "$2" 2>/dev/null; }
has_zlib() { [ "$(uname)" = Darwin ] || has zlib.h zlib; } # macOS brings it along
has_all() { has_zlib && has yaml.h yaml-0.1; }

has_all && exit
if command -v apt-get >/dev/null; then
    install_packages zlib1g-dev libyaml-dev
elif command -v brew >/dev/null; then
    brew install libyaml pkgconf
fi
has_all || {
    printf 'The headers of zlib and libyaml are needed: zlib1g-dev and libyaml-dev, zlib-devel and libyaml-devel or the like.\n' >&2
    exit 1
}
