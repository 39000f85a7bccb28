# shellcheck shell=bash
# The migrator's flags, as Go's flag package and urfave/cli take them: each release knows more of them.

# Sets `flags`: name, kind, and the release since which `upgrade` and the other commands know it.
flags_of() {
    flags=
    case $1 in
    upgrade)
        flags='from string 4.0
to string 4.0
unprivileged-only bool 4.0
noop-privileged bool 4.0
privileged-hash string 4.0
skip-version-check bool 4.0
skip-drift-check bool 4.0
dry-run bool 4.0
disable-animation bool 4.2
ignore-migrator-update bool 5.1'
        ;;
    up)
        flags='schema string 3.37
db string 3.37
unprivileged-only bool 3.38
noop-privileged bool 3.38
privileged-hash string 4.0
ignore-single-dirty-log bool 3.37
ignore-single-pending-log bool 4.0
skip-upgrade-validation bool 3.41
skip-oobmigration-validation bool 3.41'
        ;;
    validate)
        flags='schema string 3.37
db string 3.37
skip-out-of-band-migrations bool 3.41'
        ;;
    drift)
        flags='schema string 4.0
db string 4.0
version string 4.0
file string 4.0
skip-version-check bool 4.2
ignore-migrator-update bool 5.1'
        ;;
    run-out-of-band-migrations)
        flags='id list 4.0
apply-reverse bool 4.0
disable-animation bool 4.2'
        ;;
    esac
}

usage_error() {
    printf 'Incorrect Usage: %s\n\nNAME:\n   migrator %s\n\n' "$1" "$command"
    fatal "$1"
}

# Sets flag_NAME for each flag that is there; the next argument that is none has to be the last.
parse_flags() {
    local flags name argument has kind known of since
    flags_of "$command"
    while [ $# -gt 0 ]; do
        case $1 in
        -?*) name=${1#-} name=${name#-} has=no ;;
        *) break ;;
        esac
        case $name in *=*) argument=${name#*=} name=${name%%=*} has=yes ;; esac
        kind=
        while read -r known of since; do
            [ "$known" != "$name" ] || before "$release" "$since" || kind=$of
        done <<<"$flags"
        case $kind in
        bool)
            [ $has = yes ] || argument=true
            case $argument in
            1 | t | T | true | TRUE | True) argument=true ;;
            0 | f | F | false | FALSE | False) argument=false ;;
            *) usage_error "invalid boolean value \"$argument\" for -$name: parse error" ;;
            esac
            ;;
        string | list)
            if [ $has = no ]; then
                [ $# -ge 2 ] || usage_error "flag needs an argument: -$name"
                argument=$2
                shift
            fi
            ;;
        *) usage_error "flag provided but not defined: -$name" ;;
        esac
        [ "$kind" != list ] || argument=${flag_id:+$flag_id,}$argument
        printf -v "flag_${name//-/_}" '%s' "$argument"
        shift
    done
    [ $# -eq 0 ] || usage_error "too many arguments: $*" # the real one takes no notice of them
}

is_set() { local variable=flag_${1//-/_}; [ "${!variable:-false}" = true ]; }
