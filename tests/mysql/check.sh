#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The mysql agent's tests with MySQL instead of MariaDB: check.sh BUILD (as root; "make check-mysql").
set -eu
build=$(readlink -f "$1")
"$(dirname "$(readlink -f "$0")")/root.sh" "$build/tests/mysql"
export DUET_TEST_MYSQLD=$build/tests/mysql/root/usr/sbin/mysqld
"$DUET_TEST_MYSQLD" --no-defaults --version
exec "$build/tests/kernel/mysql_test" --gtest_brief=1
