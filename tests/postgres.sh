#!/bin/sh
# Runs a command with a PostgreSQL of its own: Debian's package, a cluster in a temporary folder, loopback alone, gone afterwards.
#   sh tests/postgres.sh .venv/bin/python -m pytest tests/store
set -eu

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$programs" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing postgresql (Debian's package) for the tests"
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
fi
if [ -z "$programs" ]; then
    echo "These tests need PostgreSQL. Run as root: apt-get install postgresql" >&2
    exit 1
fi

folder=$(mktemp -d)
as() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then  # PostgreSQL does not run as root
    chown postgres "$folder"
    as() { runuser -u postgres -- "$@"; }
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
stop() {
    as "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT INT TERM
cd "$folder"  # a folder that the other user may stand in
as "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C >/dev/null
as "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" start \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=120" >/dev/null
cd - >/dev/null
HOCNGHE_TEST_DATABASE="postgresql+psycopg://postgres@127.0.0.1:$port/postgres" "$@"
