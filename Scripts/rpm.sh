#!/usr/bin/env bash
# A package for Red Hat, Fedora and SUSE, of the tree that dist.sh has made.
#
#   Scripts/rpm.sh TREE VERSION FOLDER
set -euo pipefail
tree=$1 version=$2 out=$3
packaging=$(cd "$(dirname "$0")/../Packaging" && pwd)
. "$(dirname "$0")/apt.sh"

command -v rpmbuild >/dev/null || install_packages rpm
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
rpmbuild -bb --quiet --target "$(uname -m)-linux" \
    --define "_topdir $top" --define "version_of_release $version" --define "tree $tree" \
    --define '_binary_payload w9.zstdio' --define '_buildhost localhost' --define 'use_source_date_epoch_as_buildtime 1' \
    --define 'clamp_mtime_to_source_date_epoch 1' "$packaging/migrationkit.spec" >&2
cp "$top"/RPMS/*/*.rpm "$out/"
