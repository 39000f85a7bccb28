# shellcheck shell=bash
# The databases, as those in a container reach them: by their own variables, and by way of the proxy.
# shellcheck disable=SC2154 # `host`, and the settings

json() {
    local text=${1//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\t'/\\t}
    printf '"%s"' "${text//$'\n'/\\n}"
}

# `log SEVERITY BODY [ATTRIBUTES]`: a line as Sourcegraph's programs write them.
log() {
    printf '{"SeverityText":"%s","Timestamp":%s000000000,"InstrumentationScope":%s,"Body":%s,"Resource":{"service.name":%s,"service.version":%s,"service.instance.id":%s}%s}\n' \
        "$1" "$(date +%s)" "$(json "$service_name")" "$(json "$2")" "$(json "$service_name")" \
        "$(json "${IMAGE_VERSION:-}")" "$(json "$(get "$CONTAINER" id | cut -c 1-12)")" "${3:+,\"Attributes\":{$3\}}" >&2
}

fatal() {
    log FATAL "$@"
    exit 1
}

# `use SCHEMA`: sets used_PGHOST and the like, and `address`; fails where no proxy is, and says so.
use() {
    local prefix='' name proxy
    case $1 in
    frontend) ;;
    codeintel) prefix=CODEINTEL_ ;;
    codeinsights) prefix=CODEINSIGHTS_ ;;
    esac
    for name in PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE; do
        local variable=$prefix$name
        printf -v "used_$name" '%s' "${!variable:-}"
    done
    address="host=$used_PGHOST user=$used_PGUSER database=$used_PGDATABASE"
    [ "$used_PGHOST" = cloud-sql-proxy ] || return 0
    proxy=$host/containers/cloud-sql-proxy
    if [ "$(get "$proxy" status)" != running ]; then
        say 'hostname resolving error (lookup cloud-sql-proxy on 127.0.0.11:53: no such host)'
        return 1
    elif [ ! -e "$proxy/ready" ]; then
        say "dial error (dial tcp 172.18.0.2:${used_PGPORT:-5432}: connect: connection refused)"
        return 1
    fi
    used_PGHOST=$database_host used_PGPORT=$database_port
}

# `run_psql SCHEMA [OPTION…]`: statements are on standard input.
run_psql() {
    use "$1" || return 2
    shift
    PGHOST=$used_PGHOST PGPORT=$used_PGPORT PGUSER=$used_PGUSER PGPASSWORD=$used_PGPASSWORD \
        PGDATABASE=$used_PGDATABASE PGSSLMODE=${used_PGSSLMODE:-disable} PGCONNECT_TIMEOUT=10 PGTZ=UTC \
        PGOPTIONS='-c client_min_messages=warning' \
        "$psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@" -f -
}

# `sql SCHEMA STATEMENTS`: what it prints is printed; `problem` prints what PostgreSQL refused, also of a subshell's.
sql() { printf '%s\n' "$2" | run_psql "$1" 2>"$CONTAINER/psql.errors"; }

problem() {
    sed -e '/ERROR:/ { s/^.*ERROR:  */ERROR: /; q; }' -e 's/^psql: error: //' "$CONTAINER/psql.errors"
}

table_of() {
    case $1 in
    frontend) printf 'schema_migrations\n' ;;
    *) printf '%s_schema_migrations\n' "$1" ;;
    esac
}

# The number of a release's migration; later than all that examples bring along.
migration_of() { printf '%s\n' $((1700000000 + ${1%.*} * 1000000 + ${1#*.} * 1000)); }

# The instance's release, by its own word.
service_version() { sql frontend "SELECT version FROM versions WHERE service = 'frontend'"; }

# `states SCHEMA`: the migrations that were begun, by number, and what came of each at last: true, false, pending.
states() {
    sql "$1" "SELECT version, coalesce(success::text, 'pending') FROM (
        SELECT DISTINCT ON (version) version, success FROM migration_logs
        WHERE schema = '$(table_of "$1")' AND up ORDER BY version, id DESC) AS latest ORDER BY version"
}

# Is a schema what a release expects? `base` is the instance's release.
has_release() {
    local schema=$1 minor=$2 base=$3 known
    before "$base" "$minor" || return 0
    known=$(states "$schema") || return 1
    printf '%s\n' "$known" | grep -qx "$(migration_of "$minor")|true"
}
