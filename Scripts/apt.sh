# shellcheck shell=bash
# For the scripts that install what is missing, to source.
#
#   install_packages PACKAGE...   installs them with apt-get; fetches the lists of packages only where those that are there
#                                 do not do

install_packages() {
    local sudo=''
    [ "$EUID" -eq 0 ] || sudo=sudo
    printf 'Installing %s with apt-get.\n' "$*" >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes "$@" >&2 && return
    $sudo apt-get update >&2
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes "$@" >&2
}
