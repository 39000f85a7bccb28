#!/usr/bin/env bash
# A server of ssh, which the tests reach a VM by; installs it where there is none. macOS brings it along.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

has_sshd() {
    local program
    command -v ssh ssh-keygen >/dev/null || return 1
    for program in "$(command -v sshd || :)" /usr/sbin/sshd /usr/local/sbin/sshd; do
        [ ! -x "$program" ] || return 0
    done
    return 1
}

has_sshd && exit
if command -v apt-get >/dev/null; then
    install_packages openssh-server openssh-client
fi
has_sshd || {
    printf 'sshd, ssh and ssh-keygen are needed: openssh-server, openssh or the like.\n' >&2
    exit 1
}
