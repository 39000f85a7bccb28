#!/usr/bin/env bash
# What `make dist` has made, in roots of Debian where nothing of this machine is: both commands run from the archive on
# the oldest release that they promise, the package installs on the newest and leaves nothing behind. Linux, as root.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/apt.sh
. Scripts/debian.sh

out=$PWD/.build-dist/out
fail() { printf 'test-dist.sh: %s\n' "$*" >&2; exit 1; }
if [ "$(uname)" != Linux ] || [ "$EUID" -ne 0 ]; then
    printf 'Not on Linux, or not as root: packages are not tried.\n' >&2
    exit
fi
(cd "$out" && sha256sum --quiet --check SHA256SUMS)

# `fresh RELEASE [PACKAGE...]`: a copy of a root, to be thrown away; prints its path.
fresh() {
    local release=$1
    shift
    debian_root "$release" "$PWD/.build-dist/roots/$release" "$@" || fail "no Debian $release"
    rm -rf "$PWD/.build-dist/roots/fresh"
    cp -a "$PWD/.build-dist/roots/$release" "$PWD/.build-dist/roots/fresh"
    printf '%s\n' "$PWD/.build-dist/roots/fresh"
}

works() {
    local command
    for command in src-snapshot mi-migrate; do
        in_root "$1" "$2/$command" --version
        in_root "$1" "$2/$command" --help | grep -q '^USAGE' || fail "$command --help"
    done
    # More than what the parser says: a folder that is not there is not a snapshot.
    local status=0
    in_root "$1" "$2/src-snapshot" verify --bucket=/nowhere/ >/dev/null 2>&1 || status=$?
    [ "$status" -eq 3 ] || fail "verify of nothing ended with $status"
}

printf '\n== The archive on Debian 11\n'
root=$(fresh bullseye)
tar -xzf "$out"/migrationkit-*-linux-*.tar.gz --strip-components=1 -C "$root/usr/local"
works "$root" /usr/local/bin

for release in bullseye trixie; do
    printf '\n== The package on Debian %s\n' "$release"
    root=$(fresh "$release")
    cp "$out"/migrationkit_*.deb "$root/tmp/migrationkit.deb"
    find "$root/usr" "$root/etc" | sort >"$root.before"
    in_root "$root" dpkg --install /tmp/migrationkit.deb >/dev/null
    works "$root" /usr/bin
    in_root "$root" test -s /usr/share/doc/migrationkit/copyright || fail 'no copyright'
    in_root "$root" dpkg --purge migrationkit >/dev/null
    find "$root/usr" "$root/etc" | sort | diff "$root.before" - || fail 'the package left something behind'
done
rm -rf "$root" "$root.before"

if command -v rpm >/dev/null; then
    printf '\n== The package for rpm\n'
    rpm -qip "$out"/*.rpm 2>/dev/null | grep -E '^(Name|Version|License|Size)'
    rpm -qp --requires "$out"/*.rpm 2>/dev/null | grep -v '^\(rpmlib\|libc\.so\|libm\.so\|libdl\.so\|libpthread\.so\|libutil\.so\|librt\.so\|rtld\|ld-linux\)' &&
        fail 'the rpm needs more than the C library'
    rpm -qlp "$out"/*.rpm 2>/dev/null | grep -q '^/usr/bin/mi-migrate$' || fail 'the rpm lacks mi-migrate'
fi
printf '\nThe packages work.\n'
