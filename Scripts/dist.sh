#!/usr/bin/env bash
# A release for this system and architecture, in .build-dist/out: an archive with both commands, their completions and
# manual pages, on Linux also a .deb and an .rpm, and SHA256SUMS. The commands need nothing but the C library. The same
# commit gives the same bytes with the same toolchain: every time in it is that of the commit, or $SOURCE_DATE_EPOCH.
set -euo pipefail
cd "$(dirname "$0")/.."
. Scripts/dist-link.sh

say() { printf '%s\n' "$*" >&2; }
fail() { say "dist.sh: $*"; exit 1; }

if command -v apt-get >/dev/null; then
    command -v objdump >/dev/null || install_packages binutils
    command -v python3 >/dev/null || install_packages python3
fi

scratch=$PWD/.build-dist
version=$(sed -n 's/.*static let current = "\(.*\)"$/\1/p' Sources/MigrationKit/Base/Names/MigrationKitVersion.swift)
[ -n "$version" ] || fail 'no version in MigrationKitVersion.swift'
: "${MIGRATIONKIT_COMMIT:=$(git describe --always --dirty --abbrev=12 --exclude='*')}"
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
MIGRATIONKIT_DATE=$(python3 -c 'import datetime, sys
print(datetime.datetime.fromtimestamp(int(sys.argv[1]), datetime.timezone.utc).date())' "$SOURCE_DATE_EPOCH")
export MIGRATIONKIT_COMMIT MIGRATIONKIT_DATE SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C
umask 022

# A release is not built as the tests are, nor with warnings as errors.
unset TEST_BUILD WARNINGS_AS_ERRORS

architecture=$(uname -m)
[ "$architecture" != aarch64 ] || architecture=arm64
system=$(uname | tr '[:upper:]' '[:lower:]')
[ "$system" != darwin ] || system=macos

# MARK: The commands

commands=(src-snapshot mi-migrate)
link_options "$scratch" # sets `options`
for command in "${commands[@]}"; do
    swift build -c release --scratch-path "$scratch" -debug-info-format none --product "$command" "${options[@]}" >&2
done
built=$(swift build -c release --scratch-path "$scratch" "${options[@]}" --show-bin-path)

name=migrationkit-$version-$system-$architecture
tree=$scratch/$name
out=$scratch/out
rm -rf "$tree" "$out"
mkdir -p "$tree/bin" "$out"
for command in "${commands[@]}"; do
    cp "$built/$command" "$tree/bin/"
    strip "$tree/bin/$command"
    [ "$system" != macos ] || codesign --force --sign - "$tree/bin/$command"
    refuse_libraries "$tree/bin/$command"
    "$tree/bin/$command" --version | grep -qF "$version (commit $MIGRATIONKIT_COMMIT, $MIGRATIONKIT_DATE)" ||
        fail "$command --version does not tell $version, $MIGRATIONKIT_COMMIT and $MIGRATIONKIT_DATE"
done

# MARK: What comes with them

mkdir -p "$tree"/share/{bash-completion/completions,zsh/site-functions,fish/vendor_completions.d,man/man1,doc/migrationkit}
for command in "${commands[@]}"; do
    "$tree/bin/$command" --generate-completion-script bash | sed '1{/^#!/d;}' >"$tree/share/bash-completion/completions/$command"
    "$tree/bin/$command" --generate-completion-script zsh >"$tree/share/zsh/site-functions/_$command"
    "$tree/bin/$command" --generate-completion-script fish >"$tree/share/fish/vendor_completions.d/$command.fish"
    "$tree/bin/$command" --experimental-dump-help |
        Scripts/manual.py "$version" "$MIGRATIONKIT_DATE" "$tree/share/man/man1"
done
cp LICENSE CHANGELOG.md "$tree/share/doc/migrationkit/"
Scripts/notices.sh "$scratch" >"$tree/share/doc/migrationkit/THIRD-PARTY-NOTICES"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + 2>/dev/null ||
    find "$tree" -exec touch -h -t "$(date -r "$SOURCE_DATE_EPOCH" +%Y%m%d%H%M.%S)" {} +

# MARK: The packages

python3 - "$tree" "$out/$name.tar.gz" <<'PYTHON'
"""An archive whose bytes depend on nothing but its files: tar's options for it differ between systems."""
import gzip, os, pathlib, sys, tarfile

tree, archive, epoch = pathlib.Path(sys.argv[1]), sys.argv[2], int(os.environ["SOURCE_DATE_EPOCH"])

def plain(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = epoch
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry

with open(archive, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in [tree, *sorted(tree.rglob("*"))]:
            tar.add(path, path.relative_to(tree.parent), recursive=False, filter=plain)
PYTHON
if [ "$system" = linux ]; then
    Scripts/deb.sh "$tree" "$version" "$out"
    Scripts/rpm.sh "$tree" "$version" "$out"
fi
(
    cd "$out"
    if command -v sha256sum >/dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi >../SHA256SUMS
    mv ../SHA256SUMS .
)
say "In $out:"
ls -l "$out" >&2
