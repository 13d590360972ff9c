#!/usr/bin/env bash
# Installs the Debian packages whose programs the tests talk to; none of them is started. Without root it names the
# missing ones, whose tests are then skipped; with CI=true that is a failure.
set -euo pipefail

missing=()
need() { # need PACKAGE PROGRAM...: one of the programs is enough
    local package=$1 program
    shift
    for program in "$@"; do
        if compgen -G "$program" >/dev/null || PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null; then
            return
        fi
    done
    missing+=("$package")
}

need chromium chromium chromium-browser google-chrome
need exim4-daemon-light exim4
need dovecot-imapd /usr/lib/dovecot/imap /usr/libexec/dovecot/imap
need postgresql '/usr/lib/postgresql/*/bin/initdb' initdb
need redis-server redis-server
need libfaketime '/usr/lib/*/faketime/libfaketimeMT.so.1'

if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # The tests run servers of their own: what a package would start stays off (policy-rc.d, exit 101).
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    apt-get -qq -o DPkg::Lock::Timeout=300 update
    apt-get -qq -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${missing[@]}" >/dev/null
    exit 0
fi
echo "Tests that need these Debian packages are skipped: ${missing[*]}"
if [ "${CI:-}" = true ]; then
    exit 1
fi
