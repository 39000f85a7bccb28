# shellcheck shell=bash
# What the migrator finds fault with, in its words.

# Every schema that is worked on answers, and nobody else's migrator works there.
connect() {
    local schema
    await_proxy
    for schema; do
        if fault no-connection; then
            use "$schema" 2>/dev/null || :
            fatal "failed to connect to database: failed to connect to \`$address\`: dial error (dial tcp 172.18.0.2:5432: connect: connection refused)"
        fi
        sql "$schema" 'SHOW server_version_num' || {
            use "$schema" 2>/dev/null || :
            fatal "failed to connect to database: failed to connect to \`$address\`: $(problem)"
        }
        ! fault old-postgres || fatal "Sourcegraph requires PostgreSQL ${fault_value:-16}+"
        [ "$answer" -ge 120000 ] || fatal 'Sourcegraph requires PostgreSQL 12+'
    done
}

# Held for as long as this process is there: its session keeps it.
lock() {
    sql frontend 'SELECT pg_try_advisory_lock(4711)' || fatal "failed to lock: $(problem)"
    [ "$answer" != t ] || return 0
    [ "$command" = up ] || fatal "migration contention: concurrent migrator instances appear to be running on this schema

We have detected other migrations operations occurring on this schema and opted to abort this operation. The state of the database is likely different than what was known at the time this command was issued. Please check the state of your target database and re-issue this command (ensuring correct arguments).
"
    log INFO 'Schema is not up to date, but another migrator is running'
    sql frontend 'SELECT pg_advisory_lock(4711)' || fatal "failed to lock: $(problem)"
}

check_migrator_update() {
    fault newer-migrator || return 0
    local notice="A newer migrator version is available (${fault_value:-5.2.0}), please consider using it instead"
    if is_set ignore-migrator-update; then
        printf '⚠️ %s. Continuing...\n' "$notice"
    else
        say "❗️ $notice or pass -ignore-migrator-update."
        exit 1
    fi
}

dirty() {
    fatal "dirty database: schema \"$1\" marked the following migrations as failed: $2

The target schema is marked as dirty and no other migration operation is seen running on this schema. The last migration operation over this schema has failed (or, at least, the migrator instance issuing that migration has died). Please contact support@sourcegraph.com for further assistance.
"
}

# `check_dirty SCHEMA DIRTY PENDING`: one of either kind is passed over where the last two are true.
check_dirty() {
    local failed='' pending='' line
    if fault dirty; then
        migration_of "$release"
        dirty "$1" "$value"
    fi
    states "$1" || fatal "failed to read migration logs: $(problem)"
    while read -r line; do
        case $line in
        *'|false') failed="$failed${failed:+, }${line%|*}" ;;
        *'|pending') pending="$pending${pending:+, }${line%|*}" ;;
        esac
    done <<<"$answer"
    log INFO 'Checked current version' "\"schema\":\"$1\",\"pendingVersions\":[$pending],\"failedVersions\":[$failed]"
    case $2/$failed in *,*) ;; true/*) failed= ;; esac
    case $3/$pending in *,*) ;; true/*) pending= ;; esac
    [ -z "$failed$pending" ] || dirty "$1" "$failed${failed:+${pending:+, }}$pending"
}

# Data migrations that a release expects to be at their end.
check_out_of_band() {
    local lines
    number "$release"
    sql frontend "SELECT format('  - migration %s expected to be at 100%% (at %s%%)', id, round((progress * 100)::numeric, 2))
        FROM out_of_band_migrations
        WHERE progress < 1 AND deprecated_version_major * 1000 + deprecated_version_minor <= $value ORDER BY 1" ||
        fatal "failed to read out of band migrations: $(problem)"
    lines=$answer
    ! fault unfinished || lines='  - migration 12 expected to be at 100% (at 63.27%)'
    [ -z "$lines" ] || fatal "Unfinished migrations. Please revert Sourcegraph to the previous version and wait for the following migrations to complete.

$lines

"
}

# `check_drift RELEASE`: tables of later releases are there, or an earlier one's are missing.
check_drift() {
    local schema latest
    number "$1"
    latest=$value
    for schema in $schemas; do
        sql "$schema" "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'
            AND table_name ~ '^release_[0-9]+_[0-9]+\$'
            AND split_part(table_name, '_', 2)::int * 1000 + split_part(table_name, '_', 3)::int > $latest LIMIT 1" ||
            fatal "failed to describe schema: $(problem)"
        if [ -n "$answer" ] || fault drift; then
            printf '❌ Unexpected table "%s"\n💡 Suggested action: drop the table.\n' "${answer:-surprise}"
            fatal 'database drift detected'
        fi
    done
    printf '✅ No drift detected\n'
}

# `check_policy FROM TO`: which steps `up` takes.
check_policy() {
    local from to
    minor_of "$1" && from=$value && minor_of "$2" && to=$value || return 0
    [ "${from%.*}" -ne "${to%.*}" ] || [ "${to#*.}" -gt $((${from#*.} + 1)) ] || return 0
    [ $((${from%.*} + 1)) -ne "${to%.*}" ] || [ "${to#*.}" -ne 0 ] || return 0
    fatal "upgrading \"frontend\" from \"$1\" to \"$2\" is not allowed, please refer to https://docs.sourcegraph.com/admin/updates#update-policy"
}
