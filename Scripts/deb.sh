#!/usr/bin/env bash
# A package for Debian and Ubuntu, of the tree that dist.sh has made. lintian has to have nothing to say.
#
#   Scripts/deb.sh TREE VERSION FOLDER
set -euo pipefail
tree=$1 version=$2 out=$3
. "$(dirname "$0")/apt.sh"

case $(uname -m) in
x86_64) architecture=amd64 ;;
aarch64) architecture=arm64 ;;
*) architecture=$(uname -m) ;;
esac
glibc=$(objdump -T "$tree"/bin/* 2>/dev/null | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -n 1 | cut -d _ -f 2)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
mkdir -p "$root/DEBIAN" "$root/usr" "$root/usr/share/lintian/overrides"
cp -R "$tree/bin" "$tree/share" "$root/usr/"
# Debian has places of its own for some of it.
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
documents=$root/usr/share/doc/migrationkit
rm "$documents/LICENSE"
mv "$documents/CHANGELOG.md" "$documents/NEWS.md"
maintainer=${PACKAGE_MAINTAINER:-MigrationKit <migrationkit@users.noreply.github.com>}
cat >"$documents/changelog" <<CHANGELOG
migrationkit ($version) stable; urgency=medium

  * What changed is told in NEWS.md.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGELOG
cp "$(dirname "$0")/../Packaging/copyright" "$documents/copyright"
# No ELF of this package has shared libraries of its own, and what is linked in is told in THIRD-PARTY-NOTICES.
cp "$(dirname "$0")/../Packaging/lintian-overrides" "$root/usr/share/lintian/overrides/migrationkit"
gzip -9 -n "$documents/changelog" "$documents/NEWS.md" "$documents/THIRD-PARTY-NOTICES" "$root"/usr/share/man/man1/*.1

cat >"$root/DEBIAN/control" <<CONTROL
Package: migrationkit
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f 1)
${glibc:+Depends: libc6 (>= $glibc)}
Recommends: postgresql-client, ca-certificates
Suggests: openssh-client, docker.io
Section: database
Priority: optional
Description: move a self-hosted Sourcegraph to a managed instance
 src-snapshot exports the databases of a self-hosted Sourcegraph to a bucket.
 mi-migrate imports them into a managed instance, and proves that nothing was
 lost or changed.
CONTROL
sed -i '/^$/d' "$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type f -exec chmod u=rw,go=r {} +
chmod 755 "$root"/usr/bin/*
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

package=$out/migrationkit_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >&2
command -v lintian >/dev/null || install_packages lintian
lintian --fail-on error,warning --allow-root "$package" >&2
