#!/bin/sh
# An empty Debian 12 for `make try-docs`, kept as an archive: machine.sh COMMAND… runs COMMAND with HOCNGHE_TEST_MACHINE naming it.
# Root on Debian only. The machine is what a provider hands over: systemd, sudo; no Python, no make, no web server.
set -eu
[ "$(id -u)" = 0 ] || { echo "root is needed: an empty machine is made and booted"; exit 1; }
for tool in debootstrap systemd-nspawn; do
	command -v "$tool" >/dev/null || apt-get install -y --no-install-recommends debootstrap systemd-container
done
HOCNGHE_TEST_MACHINE="${XDG_CACHE_HOME:-$HOME/.cache}/hocnghe/bookworm.tar"
export HOCNGHE_TEST_MACHINE
if [ ! -f "$HOCNGHE_TEST_MACHINE" ]; then
	mkdir -p "$(dirname "$HOCNGHE_TEST_MACHINE")"
	made=$(mktemp -d)
	debootstrap --variant=minbase \
		--include=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,sudo,iproute2,procps,nano bookworm "$made"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$made/etc/hosts"
	# It reaches Debian's and Python's packages as this machine does.
	if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
		mkdir -p "$made/usr/local/share/ca-certificates"
		cp /usr/local/share/ca-certificates/*.crt "$made/usr/local/share/ca-certificates/"
		printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$made/etc/pip.conf"
	fi
	chmod 755 "$made"
	tar -C "$made" -cf "$HOCNGHE_TEST_MACHINE.part" .
	mv "$HOCNGHE_TEST_MACHINE.part" "$HOCNGHE_TEST_MACHINE"
	rm -rf "$made"
fi
exec "$@"
