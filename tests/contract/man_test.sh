#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each manual page is clean to groff, and those of the database explain each word of db-state.
command -v groff >/dev/null || exit 77
source=${srcdir:-.}
bad=0
for page in man/*.7 "$source"/man/*.7; do
    [ -f "$page" ] || continue
    words=$(groff -ww -man -z "$page" 2>&1) && [ -z "$words" ] && continue
    echo "$page: $words"
    bad=1
done
states=$({
    grep -ho 'set_state([^;]*' "$source"/agents/mysql/*.cpp
    sed -n '/^std::string standby_state/,/^}/p' "$source/agents/mysql/policy.cpp"
} | grep -o '"[a-z][a-z]*"' | tr -d '"' | sort -u)
[ "$(echo "$states" | wc -l)" -ge 10 ] || { echo "found few states: $states"; bad=1; }
for state in $states; do
    for page in mysql.notes duet.7; do
        grep -q "^\.BR* .*\b$state\b" "$source/man/$page" && continue
        echo "man/$page does not explain the state '$state'"
        bad=1
    done
done
exit $bad
