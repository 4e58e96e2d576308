#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes MySQL of Debian unstable runnable on this system, below FOLDER: root.sh FOLDER
# Nothing is installed: its packages, with the C library they were built for, are unpacked beside
# each other, and the program is told to load its libraries from there. So it is an ordinary
# program, FOLDER/root/usr/sbin/mysqld, that also runs in a sandbox or a lab which sees FOLDER.
# Prints nothing but errors; does nothing when it is there. MIRROR: of Debian packages, where it is
# not to be the one that this system has.
set -eu
mkdir -p "$1"
folder=$(readlink -f "$1")
root=$folder/root
programs="usr/bin/mysqlbinlog usr/sbin/mysqld"

# Patches the programs that do not run yet.
make_runnable() {
    local libraries loader program
    libraries=$root/usr/lib/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)
    loader=$(echo "$libraries"/ld-linux*.so.*)
    for program in $programs; do
        ! "$root/$program" --no-defaults --version >/dev/null 2>&1 || continue
        "$loader" --library-path "$libraries" "$root/usr/bin/patchelf" --set-interpreter "$loader" \
            --force-rpath --set-rpath "$libraries" --output "$root/$program.new" "$root/$program"
        chmod 755 "$root/$program.new"
        "$root/$program.new" --no-defaults --version >/dev/null
        mv "$root/$program.new" "$root/$program"
    done
}
if [ -x "$root/usr/sbin/mysqld" ]; then
    make_runnable
    exit 0
fi
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -n 1)}
[ -n "$mirror" ] || {
    echo "$0: apt knows no mirror of Debian: name one in MIRROR" >&2
    exit 1
}

# An apt of its own, which knows no installed package and so fetches every library, too.
apt=$folder/apt
mkdir -p "$apt"/{lists,archives,empty}/partial
: >"$apt/status"
cat >"$apt/sources.sources" <<EOF
Types: deb
URIs: $mirror
Suites: sid
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
own_apt() {
    # The release file of a mirror that stands still is past its date.
    apt-get -qq -o Dir::State::status="$apt/status" -o Dir::State::Lists="$apt/lists" \
        -o Dir::Etc::SourceList="$apt/sources.sources" -o Dir::Etc::SourceParts="$apt/empty" \
        -o Dir::Etc::PreferencesParts="$apt/empty" \
        -o Dir::Cache::Archives="$apt/archives" -o Dir::Cache::pkgcache= \
        -o Dir::Cache::srcpkgcache= -o Acquire::Check-Valid-Until=false \
        -o Acquire::Languages=none -o APT::Install-Recommends=false \
        -o APT::Sandbox::User=root -o Debug::NoLocking=true "$@"
}
own_apt update
own_apt --download-only -y install mysql-server-core patchelf >/dev/null

rm -rf "$root.new"
mkdir -p "$root.new"
for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$root.new"; done
rm -rf "$root"
mv "$root.new" "$root"
make_runnable
rm -rf "$apt"
