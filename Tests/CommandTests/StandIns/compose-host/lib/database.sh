# shellcheck shell=bash
# The databases, as those in a container reach them: by their own variables, and by way of the proxy.
# shellcheck disable=SC2154 # `host`, and the settings

# A session that has ended is told by what it answers, and by no signal.
trap '' PIPE
sessions=' '

# `json TEXT` sets `value` to it as JSON has it.
json() {
    value=${1//\\/\\\\}
    value=${value//\"/\\\"}
    value=${value//$'\t'/\\t}
    value="\"${value//$'\n'/\\n}\""
}

# `log SEVERITY BODY [ATTRIBUTES]`: a line as Sourcegraph's programs write them.
log() {
    local now body service version instance
    if [ "${BASH_VERSINFO[0]}" -ge 5 ]; then now=$EPOCHSECONDS; else now=$(date +%s); fi
    json "$2" && body=$value
    json "$service_name" && service=$value
    json "${IMAGE_VERSION:-}" && version=$value
    get "$CONTAINER" id
    json "${value:0:12}" && instance=$value
    printf '%s{"SeverityText":"%s","Timestamp":%s000000000,"InstrumentationScope":%s,"Body":%s,"Resource":{"service.name":%s,"service.version":%s,"service.instance.id":%s}%s}\n' \
        "$mark" "$1" "$now" "$service" "$body" "$service" "$version" "$instance" "${3:+,\"Attributes\":{$3\}}" >&2
}

fatal() {
    log FATAL "$@"
    close_sessions
    exit 1
}

# `use SCHEMA`: sets used_PGHOST and the like, and `address`; fails where no proxy is, and says so.
use() {
    local prefix='' name variable proxy
    case $1 in
    frontend) ;;
    codeintel) prefix=CODEINTEL_ ;;
    codeinsights) prefix=CODEINSIGHTS_ ;;
    esac
    for name in PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE; do
        variable=$prefix$name
        printf -v "used_$name" '%s' "${!variable:-}"
    done
    address="host=$used_PGHOST user=$used_PGUSER database=$used_PGDATABASE"
    [ "$used_PGHOST" = cloud-sql-proxy ] || return 0
    proxy=$host/containers/cloud-sql-proxy
    if ! get "$proxy" status || [ "$value" != running ]; then
        printf '%s\n' 'hostname resolving error (lookup cloud-sql-proxy on 127.0.0.11:53: no such host)' >&2
        return 1
    elif [ ! -e "$proxy/ready" ]; then
        printf '%s\n' "dial error (dial tcp 172.18.0.2:${used_PGPORT:-5432}: connect: connection refused)" >&2
        return 1
    fi
    used_PGHOST=$database_host used_PGPORT=$database_port
}

# Ten seconds are given to a database that starts, as Sourcegraph's programs do: DB_STARTUP_TIMEOUT.
await_proxy() {
    local rounds=500 proxy=$host/containers/cloud-sql-proxy
    while get "$proxy" status && [ "$value" = running ] && [ ! -e "$proxy/ready" ] && [ $((rounds -= 1)) -gt 0 ]; do
        pause 0.02
    done
}

# MARK: Sessions

# `session SCHEMA`: sets `to` and `from` to what its session reads and writes, a psql that stays; `use` comes before it.
session() {
    local fifos=$CONTAINER/$1.$$
    case $1 in
    frontend) to=3 from=4 ;;
    codeintel) to=5 from=6 ;;
    *) to=7 from=8 ;;
    esac
    ! contains "$sessions" "$1" || return 0
    sessions="$sessions$1 "
    mkfifo "$fifos.in" "$fifos.out"
    PGHOST=$used_PGHOST PGPORT=$used_PGPORT PGUSER=$used_PGUSER PGPASSWORD=$used_PGPASSWORD \
        PGDATABASE=$used_PGDATABASE PGSSLMODE=${used_PGSSLMODE:-disable} PGCONNECT_TIMEOUT=10 PGTZ=UTC \
        PGOPTIONS='-c client_min_messages=warning' \
        "$psql" -X -q -A -t -f - <"$fifos.in" >"$fifos.out" 2>>"$CONTAINER/psql.errors" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- &
    eval "exec $to>\"\$fifos.in\" $from<\"\$fifos.out\""
    rm -f "$fifos.in" "$fifos.out"
}

# Returns when nobody of ours is connected any more.
close_sessions() {
    [ "$sessions" != ' ' ] || return 0
    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
    sessions=' '
    wait
}

# `sql SCHEMA STATEMENTS`: sets `answer` to what they print. Where it fails, `problem` prints what PostgreSQL refused.
sql() {
    local to from line
    answer=
    : >"$CONTAINER/psql.errors"
    use "$1" 2>"$CONTAINER/psql.errors" || return 2
    session "$1"
    printf '%s\n;\n\\echo and that is all\n' "$2" 2>/dev/null 1>&"$to"
    while IFS= read -r line <&"$from"; do
        if [ "$line" = 'and that is all' ]; then
            while IFS= read -r line; do
                case $line in *ERROR:* | *FATAL:*) return 1 ;; esac
            done <"$CONTAINER/psql.errors"
            return 0
        fi
        answer=${answer:+$answer$'\n'}$line
    done
    # It has ended: without a connection there is none.
    sessions=${sessions/ $1 / }
    return 2
}

problem() {
    sed -e '/ERROR:/ { s/^.*ERROR:  */ERROR: /; q; }' -e 's/^psql: error: //' "$CONTAINER/psql.errors"
}

# MARK: What is in them

# Sets `value`.
table_of() {
    case $1 in
    frontend) value=schema_migrations ;;
    *) value=${1}_schema_migrations ;;
    esac
}

# Sets `value` to the number of a release's migration; later than all that examples bring along.
migration_of() { value=$((1700000000 + ${1%.*} * 1000000 + ${1#*.} * 1000)); }

# Sets `answer` to the instance's release, by its own word.
service_version() { sql frontend "SELECT version FROM versions WHERE service = 'frontend'"; }

# `states SCHEMA`: sets `answer` to the migrations that were begun, by number, and what came of each at last: true, false,
# pending.
states() {
    table_of "$1"
    sql "$1" "SELECT version, coalesce(success::text, 'pending') FROM (
        SELECT DISTINCT ON (version) version, success FROM migration_logs
        WHERE schema = '$value' AND up ORDER BY version, id DESC) AS latest ORDER BY version"
}

# Is a schema what a release expects? `base` is the instance's release.
has_release() {
    local schema=$1 minor=$2 base=$3
    before "$base" "$minor" || return 0
    states "$schema" || return 1
    migration_of "$minor"
    case $'\n'$answer$'\n' in *$'\n'"$value|true"$'\n'*) ;; *) return 1 ;; esac
}
