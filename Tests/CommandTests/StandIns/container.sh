# shellcheck shell=sh
# A container for the stand-ins of docker and kubectl: this machine, with a PATH of its own and PostgreSQL on its
# socket, as in the images. What goes wrong with it is told by variables:
#
#   STANDIN_AT       the containers where it goes wrong; the others are well
#   STANDIN_FAULT    what goes wrong with a dump there:
#     cut N            of its output, N in a thousand come through, and the program exits with 0
#     cut-last N       all but its last N bytes come through
#     cut-all N        what the container prints to standard error is lost too
#     late-exit N      all of it comes through, then the program exits with N
#     inner-exit       pg_dump fails at its end, and the program exits with 0 all the same
#     lose-row         the first row of its first table with rows is lost
#     terminal         its lines end in CR LF, as `-t` makes them
#     message          a message of the program's gets among the rows of its first table with rows
#     mute             the line with the checksum is lost
#     hang             half of it comes through, and no more
#     notice           the program has something to say, on standard error
#     notice-in-dump   the same, on standard output
#     nothing          no output at all, and exit status 0
#   or, once, with a session of psql when it has answered with some 300,000 bytes:
#     lane-cut         no more of it comes, and the program exits with 0
#     lane-lose-bytes  some bytes are lost
#     lane-lose-row    a row is lost
#     lane-lose-token  the lines that end its answers are lost from then on

# shellcheck disable=SC2034
stand_ins=$(cd "${0%/*}" && pwd)
fault=${STANDIN_FAULT:-} fault_at=${STANDIN_AT:-}
inner_path=$STANDIN_PATH inner_host=$STANDIN_PGHOST inner_port=$STANDIN_PGPORT scratch=$STANDIN_SCRATCH

refuse() {
    printf '%s: this form of the command is not known: %s\n' "$(basename "$0")" "$*" >&2
    exit 125
}

# The variables of a container are its own and those that were handed on by name.
keep_only() {
    for variable in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
        case " $* " in
        *" $variable "*) ;;
        *) unset "$variable" ;;
        esac
    done
    PATH=$inner_path PGHOST=$inner_host PGPORT=$inner_port
    export PATH PGHOST PGPORT
}

# A session of psql that goes wrong when it has said much, unless another one did before.
lane() {
    happened=$scratch/$container.happened
    [ ! -e "$happened" ] || exec "$@"
    pipe=$scratch/$container.$$
    mkfifo "$pipe"
    exec 3<&0
    "$@" <&3 3<&- >"$pipe" 2>"$pipe.errors" &
    exec 3<&- 4<"$pipe"
    rm "$pipe"
    # Hands on what it reads as it reads it.
    dd bs=1000 count=300 <&4 2>/dev/null
    byte=$(head -c 1 <&4 && echo .)
    if [ "$byte" != . ]; then
        printf %s "${byte%.}"
        echo yes >"$happened"
        case $fault in
        lane-cut) exit 0 ;;
        lane-lose-bytes) head -c 50 <&4 >/dev/null ;;
        lane-lose-row)
            IFS= read -r row <&4
            printf '%s\n' "$row"
            IFS= read -r row <&4
            ;;
        lane-lose-token) exec sed -u -E '/^[0-9a-f]{32}\|/d' <&4 ;;
        esac
        cat <&4
    fi
    wait $!
    status=$?
    cat "$pipe.errors" >&2
    exit "$status"
}

# `enter CONTAINER COMMAND…`
enter() {
    container=$1
    shift
    is_dump=no is_question=no
    for argument; do
        [ "$argument" != --format=plain ] || is_dump=yes
        [ "$argument" != --no-psqlrc ] || is_question=yes
    done
    case " $fault_at " in
    *" $container "*) ;;
    *) exec "$@" ;;
    esac
    case $fault,$is_question in
    lane-*,yes) lane "$@" ;;
    lane-*) exec "$@" ;;
    esac
    if [ -z "$fault" ] || [ "$is_dump" = no ]; then exec "$@"; fi

    case $fault in
    notice)
        echo "Defaulted container \"$container\" out of: $container, exporter" >&2
        exec "$@"
        ;;
    notice-in-dump)
        echo "Defaulted container \"$container\" out of: $container, exporter"
        exec "$@"
        ;;
    inner-exit) PATH=$stand_ins/failing:$PATH ;;
    esac
    "$@" >"$scratch/$container.out" 2>"$scratch/$container.errors"
    size=$(wc -c <"$scratch/$container.out")
    case $fault in
    'cut '*)
        head -c $((size * ${fault#cut } / 1000)) "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        ;;
    'cut-all '*) head -c $((size * ${fault#cut-all } / 1000)) "$scratch/$container.out" ;;
    'cut-last '*)
        head -c $((size - ${fault#cut-last })) "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        ;;
    'late-exit '*)
        cat "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        echo 'error: lost connection to the node' >&2
        exit "${fault#late-exit }"
        ;;
    inner-exit)
        cat "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        ;;
    lose-row)
        awk '!lost && copy && $0 != "\\." { lost = 1; next } { copy = /^COPY /; print }' "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        ;;
    terminal)
        awk '{ printf "%s\r\n", $0 }' "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        ;;
    message)
        awk '!told && copy && $0 != "\\." { told = 1; print "pg_dump: warning: a message" } { copy = /^COPY /; print }' \
            "$scratch/$container.out"
        cat "$scratch/$container.errors" >&2
        ;;
    mute)
        cat "$scratch/$container.out"
        grep -v checksum "$scratch/$container.errors" >&2
        ;;
    hang)
        head -c $((size / 2)) "$scratch/$container.out"
        exec sleep 600
        ;;
    nothing) cat "$scratch/$container.errors" >&2 ;;
    *) refuse "$fault" ;;
    esac
    exit 0
}
