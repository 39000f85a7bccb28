# shellcheck shell=bash
# The databases of Examples/sourcegraph-shaped, for the other scripts to source after postgres.sh.
#
#   load_example PORT NAME DBNAME [OPTION...]   makes a database from NAME.sql as user sg; the options are psql's
#   load_examples PORT [OPTION...]              all three
#   example_targets PORT                        prints a targets file for them; keep it to yourself
#
# The password of sg is $PGPASSWORD.

examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../Examples/sourcegraph-shaped" && pwd)

load_example() {
    local connection=(-h 127.0.0.1 -p "$1" -U sg) name=$2 dbname=$3
    shift 3
    "$PG_BIN/createdb" "${connection[@]}" "$dbname" || return 1
    "$PG_BIN/psql" "${connection[@]}" -X -v ON_ERROR_STOP=1 -d "$dbname" "$@" -f "$examples/$name.sql"
}

load_examples() {
    local port=$1
    shift
    load_example "$port" primary sg "$@" &&
        load_example "$port" codeintel codeintel "$@" &&
        load_example "$port" codeinsights codeinsights "$@"
}

example_targets() {
    local name
    for name in primary codeintel codeinsights; do
        cat <<END
$name:
  target: 127.0.0.1
  port: $1
  dbname: ${name/primary/sg}
  username: sg
  password: "$PGPASSWORD"
END
    done
}
