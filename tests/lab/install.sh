#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts what the build tree holds of the agents below USR, as make install would: install.sh BUILD USR
# Each file is replaced by a rename, so that an agent that runs at this moment is not disturbed.
set -eu
build=$1 usr=$2
agents=$usr/lib/ocf/resource.d/duet
helpers=$usr/libexec/duet
mkdir -p "$agents"
put() {
    install -m 755 "$1" "$2/.new"
    mv "$2/.new" "$2/$(basename "$1")"
}
for name in vip nginx php-fpm mysql rsync-push; do
    if [ -x "$build/agents/$name/$name" ]; then put "$build/agents/$name/$name" "$agents"; fi
done
for helper in "$build"/libexec/*; do
    [ -x "$helper" ] && [ -f "$helper" ] || continue
    mkdir -p "$helpers"
    put "$helper" "$helpers"
done
