#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A policy includes the standard library and headers of its own folder, nothing else: no system
# call is within its reach. (That it calls nothing of common/ is shown by linking its test.)
folder=${srcdir:-.}
bad=0
for file in "$folder"/agents/*/policy.[ch]pp "$folder"/agents/*/*_policy.[ch]pp; do
    [ -f "$file" ] || continue
    for header in $(sed -n 's/^#include *\(.*\)/\1/p' "$file" | sed 's/ *\/\/.*//'); do
        case $header in
            '"'*/*'"') ;;
            '"'*'"') own=${header#?}; [ -f "${file%/*}/${own%?}" ] && continue ;;
            *.h*) ;;
            '<'*/*) ;;
            '<'*) continue ;;
        esac
        echo "$file includes $header"
        bad=1
    done
done
exit $bad
