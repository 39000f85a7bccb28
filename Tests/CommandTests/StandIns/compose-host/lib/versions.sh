# shellcheck shell=bash
# Sourcegraph's releases, by major and minor: 5.1.

# `minor_of v5.1.8` sets `value` to 5.1; fails for what is no version.
minor_of() {
    [[ $1 =~ ^v?([0-9]+)\.([0-9]+)(\.([0-9]+))?(-[A-Za-z0-9_]*)?(\+[A-Za-z0-9_.]*)?$ ]] || return 1
    value=${BASH_REMATCH[1]}.${BASH_REMATCH[2]}
}

# Sets `value` to a number that is greater for a later release.
number() { value=$((${1%.*} * 1000 + ${1#*.})); }

# `before 5.1 5.2`
before() { [ $((${1%.*} * 1000 + ${1#*.})) -lt $((${2%.*} * 1000 + ${2#*.})) ]; }

# Sets `value`.
next_minor() {
    case $1 in
    3.43 | 4.5 | 5.11 | 6.12) value=$((${1%.*} + 1)).0 ;;
    *) value=${1%.*}.$((${1#*.} + 1)) ;;
    esac
}

# `minors_between 4.5 5.1` sets `minors`: after the first, up to the last.
minors_between() {
    minors=()
    value=$1
    while before "$value" "$2"; do
        next_minor "$value"
        minors+=("$value")
    done
}
