#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each header of common/ and agents/ compiles alone.
cd "${srcdir:-.}" || exit 99
for header in common/*.hpp agents/*/*.hpp; do echo "$header"; done |
    xargs -P 2 -I HEADER sh -c '${CXX:-g++} -std=c++20 -Wall -Wextra -fsyntax-only \
        -Icommon -I"${1%/*}" -include "$1" -x c++ /dev/null || exit 255' check HEADER
