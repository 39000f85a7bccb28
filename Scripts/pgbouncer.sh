#!/usr/bin/env bash
# PgBouncer, which a dump must not go through; installs it where there is none.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

has_pgbouncer() { [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null; }

has_pgbouncer && exit
if command -v brew >/dev/null; then
    brew install pgbouncer >&2
elif command -v apt-get >/dev/null; then
    install_packages pgbouncer
fi
# The tests that need it say that it is missing.
has_pgbouncer || printf 'There is no pgbouncer: some tests will be left out.\n' >&2
