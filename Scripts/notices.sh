#!/usr/bin/env bash
# Prints the licenses and notices of all that is linked into the commands.
#
#   Scripts/notices.sh FOLDER    the scratch path of a build
set -euo pipefail
export LC_ALL=C

rule() { printf '\n%s\n%s\n\n' "$(printf '=%.0s' {1..80})" "$1"; }

printf 'MigrationKit is licensed under the Apache License 2.0. Its commands contain these works of others.\n'
for folder in "$1"/checkouts/*/; do
    name=$(basename "$folder")
    version=$(git -C "$folder" describe --tags --always 2>/dev/null || true)
    files=()
    for file in "$folder"{LICENSE,NOTICE}{,.txt,.md}; do
        [ ! -f "$file" ] || files+=("$file")
    done
    [ "${#files[@]}" -gt 0 ] || {
        printf 'notices.sh: %s has no license\n' "$name" >&2
        exit 1
    }
    rule "$name ${version}"
    cat "${files[@]}"
done
rule 'The Swift runtime and Foundation'
printf 'Apache License 2.0 with Runtime Library Exception, https://swift.org/LICENSE.txt\n'
rule 'zlib'
printf 'Copyright (C) 1995-2024 Jean-loup Gailly and Mark Adler, zlib License, https://zlib.net/zlib_license.html\n'
license=/usr/share/doc/libyaml-dev/copyright
[ "$(uname)" != Darwin ] || license=$(brew --prefix libyaml)/License
rule 'libyaml'
cat "$license"
rule 'libstdc++ and libgcc'
printf 'GPL 3 with the GCC Runtime Library Exception, https://www.gnu.org/licenses/gcc-exception-3.1.html\n'
