#!/usr/bin/env bash
# Prints where Chromium is, in which the tests open the report; installs it where there is none.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

find_chromium() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome' \
        /Applications/Chromium.app/Contents/MacOS/Chromium; do
        command -v "$name" && return
    done
    return 1
}

find_chromium && exit
if command -v apt-get >/dev/null; then
    install_packages chromium
fi
find_chromium || {
    printf 'Chromium is needed: chromium, google-chrome or the like.\n' >&2
    exit 1
}
