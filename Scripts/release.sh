#!/usr/bin/env bash
# What a release needs besides its packages.
#
#   Scripts/release.sh check-tag TAG     fails unless the tag is the version, and the changelog has it with a date
#   Scripts/release.sh folder URL        gathers the packages of all systems from .build-dist/systems in
#                                        .build-dist/release, with one SHA256SUMS, a formula and the notes
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { printf 'release.sh: %s\n' "$*" >&2; exit 1; }

version=$(sed -n 's/.*static let current = "\(.*\)"$/\1/p' Sources/MigrationKit/Base/Names/MigrationKitVersion.swift)

# The section of a version in the changelog, without its heading.
notes() { awk -v heading="## $1 " 'index($0, "## ") == 1 { shown = index($0, heading) == 1; next } shown' CHANGELOG.md; }

check_tag() {
    [ "$1" = "v$version" ] || fail "the tag is $1, and MigrationKitVersion.current is $version"
    grep -Eq "^## ${version//./\\.} \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$" CHANGELOG.md ||
        fail "CHANGELOG.md has no line \"## $version (YYYY-MM-DD)\""
    notes "$version" | grep -q '^- ' || fail "CHANGELOG.md says nothing of $version"
    ! notes Unreleased | grep -q . || fail 'CHANGELOG.md has changes that are not released'
}

folder() {
    local systems=.build-dist/systems release=.build-dist/release file
    rm -rf "$release"
    mkdir -p "$release"
    find "$systems" -type f ! -name SHA256SUMS -exec cp {} "$release/" \;
    find "$systems" -name SHA256SUMS -exec cat {} + | sort -k 2 >"$release/SHA256SUMS"
    (cd "$release" && sha256sum --quiet --check SHA256SUMS)
    for file in "$release"/*.{tar.gz,deb,rpm}; do
        grep -q "  $(basename "$file")\$" "$release/SHA256SUMS" || fail "$(basename "$file") has no checksum"
    done
    Scripts/formula.sh "$1" "$release" >"$release/migrationkit.rb"
    notes "$version" >"$release/NOTES.md"
}

case ${1:-} in
check-tag) check_tag "${2:?the tag}" ;;
folder) folder "${2:?the address of the project}" ;;
*) fail 'check-tag TAG, or folder URL' ;;
esac
