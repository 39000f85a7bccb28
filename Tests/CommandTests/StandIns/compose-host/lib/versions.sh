# shellcheck shell=bash
# Sourcegraph's releases, by major and minor: 5.1.

# `minor_of v5.1.8` prints 5.1; fails for what is no version.
minor_of() {
    [[ $1 =~ ^v?([0-9]+)\.([0-9]+)(\.([0-9]+))?(-[A-Za-z0-9_]*)?(\+[A-Za-z0-9_.]*)?$ ]] || return 1
    printf '%s.%s\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
}

number() { printf '%s\n' $((${1%.*} * 1000 + ${1#*.})); }

# `before 5.1 5.2`
before() { [ "$(number "$1")" -lt "$(number "$2")" ]; }

next_minor() {
    case $1 in
    3.43 | 4.5 | 5.11 | 6.12) printf '%s.0\n' $((${1%.*} + 1)) ;;
    *) printf '%s.%s\n' "${1%.*}" $((${1#*.} + 1)) ;;
    esac
}

# `minors_between 4.5 5.1`: after the first, up to the last.
minors_between() {
    local minor=$1
    while before "$minor" "$2"; do
        minor=$(next_minor "$minor")
        printf '%s\n' "$minor"
    done
}
