# shellcheck shell=bash
# Stands in for the VM of a managed Sourcegraph instance: docker, docker-compose, and containers that are processes of
# this machine, the migrator among them, which works on a real PostgreSQL. Everything of one VM is in one folder.
#
#   host.sh make FOLDER VERSION DATABASES   makes a VM whose deployment has this release; DATABASES is HOST:PORT of the
#                                           server behind cloud-sql-proxy. $DB_USER and $DB_PASSWORD are its login's,
#                                           $PSQL the program (psql), $COMPOSE is v1 (unless it is set), v2 or `v1 v2`;
#                                           $PRIMARY_DB, $CODEINTEL_DB and $CODEINSIGHTS_DB name other databases than
#                                           pgsql, codeintel-db, codeinsights-db; $MIGRATOR_RESTART says when that is
#                                           started again (on-failure)
#   host.sh serve FOLDER VERSION DATABASES  the same; it lives as long as standard input is open, and ends with it
#   host.sh release FOLDER VERSION          writes docker-compose.yaml anew, for another release
#   host.sh fault FOLDER NAME [VALUE [TIMES]]   has something go wrong, see below; until it is healed, or so often
#   host.sh heal FOLDER NAME                and no more
#   host.sh hold FOLDER WHAT                has something wait: the migrator at a release's step (5.2) or before
#                                           out-of-band migrations (out-of-band), or the proxy;
#                                           reached FOLDER WHAT returns once it waits, let FOLDER WHAT has it go on
#   host.sh end FOLDER                      ends all that runs there, and removes the folder
#   sshd.sh                                 reaches it by ssh, see there
#
# In a VM's folder:
#
#   bin/          `docker` and `docker-compose`: first in the PATH of who works on the VM
#   operator/     `mi` and `gcloud`: in the PATH of who works elsewhere
#   vm-shell      runs a command (-c COMMAND) or standard input as the VM's shell does, with the VM's environment alone
#   deployment/   docker-compose.yaml and .env: where compose is run
#   invocations   what was run, a line each, as a shell would read it
#   containers/   by name: id, service, status, exitcode, restarts, health, log (each line begins with O or E),
#                 awaited (somebody waits for it), …
#   gone/         by id: containers that were removed
#   numbers       the names of containers, in the order of their making
#   settings      how long things take, and where the databases are; a script that is sourced
#   faults/       what goes wrong, a file each. Its first line is the VALUE here:
#     docker-down                no daemon answers
#     pull-fails [VERSION]       the registry has no such image
#     registry-down              no registry is there when the migrator's image is wanted
#     client-dies                compose is killed when a container that it ran has ended
#     proxy-fails, proxy-slow    cloud-sql-proxy ends with an error, or does not become ready
#     exits-SERVICE [STATUS]     a service ends at once
#     unhealthy-SERVICE, starting-SERVICE   what its health is
#     dirty, drift, unfinished, unknown-tag, version-assertion, old-postgres [16], no-connection
#                                the migrator ends with that error
#     newer-migrator [VERSION]   and that one, unless it is told not to mind
#     die-at VERSION             the migrator is killed while it makes this step
#     fail-at VERSION            PostgreSQL refuses this step
#     init-fails, check-fails    `mi` fails at that
#
# What is as with docker: a container outlives its client, and who kills a client with SIGKILL, or cuts its connection,
# leaves the container alone; SIGTERM and SIGINT stop it. `run --rm` is done by the client in v1: where that was killed
# the container stays. In v2 it is done by the daemon: it is gone, and its exit status with it.
# The migrator differs from the real one in this: each release is one step of `upgrade`, and has one migration for each
# schema, which makes a table release_X_Y and notes itself in applied_by_migrator.

# Hundreds of these run in a suite: what bash can do by itself, no other program does. A function that finds something
# sets a variable, mostly `value`: `$(…)` would be a process.

host=${0%/*} program=${0##*/}
host=${host%/*}
# shellcheck source=/dev/null
[ ! -e "$host/settings" ] || . "$host/settings"

# Writes down how this program was called.
note() {
    local words=''
    [ $# -eq 0 ] || printf -v words ' %q' "$@"
    printf '%s%s%s\n' "${COMPOSE_FILE:+COMPOSE_FILE=$COMPOSE_FILE }" "$program" "$words" >>"$host/invocations"
}

# What a container writes keeps its order only in one pipe: there, what is for standard error is marked.
mark=${MARK:-}

say() { printf '%s%s\n' "$mark" "$*" >&2; }

# `die STATUS LINE…`
die() {
    local status=$1
    shift
    printf '%s\n' "$@" >&2
    exit "$status"
}

# `fault NAME [VALUE]`: is this to go wrong now, and at that VALUE? What its file says is in `fault_value` then.
fault() {
    local file=$host/faults/$1 left
    [ -e "$file" ] || return 1
    read -r fault_value <"$file" || :
    [ $# -eq 1 ] || [ "$fault_value" = "$2" ] || return 1
    [ -e "$file.left" ] || return 0
    read -r left <"$file.left"
    [ "$left" -gt 0 ] && printf '%s\n' $((left - 1)) >"$file.left"
}

# Waits here if somebody wants that: says so, and goes on when told.
hold() {
    local point=$host/holds/$1
    [ -p "$point/reached" ] || return 0
    printf '%s\n' "$1" >"$point/reached"
    read -r _ <"$point/release" || :
}

# Waits so many seconds. Nobody ever writes to the fifo.
pause() {
    if [ "${BASH_VERSINFO[0]}" -ge 4 ] && [ -p "$host/silence" ]; then
        read -rt "$1" _ <>"$host/silence" || :
    else
        sleep "$1"
    fi
}

contains() {
    case " $1 " in *" $2 "*) ;; *) return 1 ;; esac
}
