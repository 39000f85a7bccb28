#!/usr/bin/env bash
# Prints a Homebrew formula for the archives of a release.
#
#   Scripts/formula.sh URL FOLDER    the project's address; the folder with SHA256SUMS of all systems
set -euo pipefail
url=${1:?the address of the project} folder=${2:?a folder with SHA256SUMS}
template=$(dirname "$0")/../Packaging/migrationkit.rb.in

version=$(sed -n 's/.*  migrationkit-\(.*\)-[a-z]*-[a-z0-9_]*\.tar\.gz$/\1/p' "$folder/SHA256SUMS" | sort -u)
if [ -z "$version" ] || [ "$(wc -l <<<"$version")" -ne 1 ]; then
    printf 'formula.sh: %s/SHA256SUMS is not of one release\n' "$folder" >&2
    exit 1
fi
arguments=(-e "s|@URL@|$url|g" -e "s|@VERSION@|$version|g")
for system in macos-arm64 linux-x86_64 linux-arm64; do
    sum=$(awk -v name="migrationkit-$version-$system.tar.gz" '$2 == name { print $1 }' "$folder/SHA256SUMS")
    [ -n "$sum" ] || {
        printf 'formula.sh: SHA256SUMS has no archive for %s\n' "$system" >&2
        exit 1
    }
    key=$(tr 'a-z-' 'A-Z_' <<<"$system")
    arguments+=(-e "s|@SHA256_$key@|$sum|g")
done
sed "${arguments[@]}" "$template"
