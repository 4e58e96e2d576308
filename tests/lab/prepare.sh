#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fills the disk of one node as an administrator prepares a server after crm-examples/README.md:
# an empty database server with the shipped accounts, and the shipped files in their places.
#   prepare.sh NODE DISK EXAMPLES BUILD COROSYNC.CONF AUTHKEY
# What is the lab's own, and not the administrator's, stands in the last block.
set -eu
node=$1 disk=$2 examples=$3 build=$4 corosync=$5 secrets=$6
mysqld=${DUET_TEST_MYSQLD:-}
here=$(dirname "$(readlink -f "$0")")
etc=$disk/overlay/etc

database() {
    local version template data=$disk/var/lib/mysql socket=$disk/var/lib/mysql/setup.sock
    version=$(mariadbd --version | sed 's/.*Ver \([0-9.]*\).*/\1/')
    # Made once for all labs of this machine: an installation costs two seconds of a processor.
    template=/var/tmp/duet-lab/.template-$version
    if [ ! -d "$template" ]; then
        # Without names: a fresh machine may not even know localhost.
        mariadb-install-db --no-defaults --user=mysql --datadir="$template.$$" --skip-test-db \
            --force --auth-root-authentication-method=socket \
            >"$disk/install-db.log" 2>&1 || { cat "$disk/install-db.log" >&2; exit 1; }
        mv -T "$template.$$" "$template" 2>/dev/null || rm -rf "$template.$$"
    fi
    cp -a --sparse=always "$template/." "$data/"
    chown mysql: "$data"
    # Where the administrator writes "mariadb <accounts.sql", on a server without a network.
    unshare -n mariadbd --no-defaults --user=mysql --datadir="$data" --socket="$socket" \
        --skip-networking --pid-file="$socket.pid" --log-error="$data/setup.err" &
    local server=$!
    for _ in $(seq 300); do
        mariadb --no-defaults -S "$socket" -e 'DO 1' 2>/dev/null && break
        sleep 0.05
    done
    mariadb --no-defaults -S "$socket" <"$examples/accounts.sql"
    mariadb-admin --no-defaults -S "$socket" shutdown
    wait "$server"
    rm -f "$data"/setup.*
}

# The same with the MySQL that DUET_TEST_MYSQLD names.
database_mysql() {
    local version template data=$disk/var/lib/mysql socket=$disk/var/lib/mysql/setup.sock
    version=$("$mysqld" --no-defaults --version | sed 's/.*Ver \([0-9.]*\).*/\1/')
    template=/var/tmp/duet-lab/.template-mysql-$version
    if [ ! -d "$template" ]; then
        "$mysqld" --no-defaults --user=mysql --datadir="$template.$$" --initialize-insecure \
            --secure-file-priv=NULL \
            >"$disk/install-db.log" 2>&1 || { cat "$disk/install-db.log" >&2; exit 1; }
        # With it, all servers would have one name.
        rm "$template.$$/auto.cnf"
        mv -T "$template.$$" "$template" 2>/dev/null || rm -rf "$template.$$"
    fi
    cp -a --sparse=always "$template/." "$data/"
    chown mysql: "$data"
    unshare -n "$mysqld" --no-defaults --user=mysql --datadir="$data" --socket="$socket" \
        --secure-file-priv=NULL --mysqlx=OFF --skip-log-bin --skip-networking \
        --pid-file="$socket.pid" --log-error="$data/setup.err" &
    local server=$!
    for _ in $(seq 600); do
        mariadb --no-defaults -u root -S "$socket" -e 'DO 1' 2>/dev/null && break
        sleep 0.05
    done
    mariadb --no-defaults -u root -S "$socket" <"$examples/accounts-mysql.sql"
    mariadb --no-defaults -u root -S "$socket" -e SHUTDOWN
    wait "$server"
    rm -f "$data"/setup.*
}

folders() {
    mkdir -p "$disk"/var/{log,www/html,lib/mysql,spool/cron} "$disk/root" "$etc"
    chmod 755 "$disk" "$disk/root"
    cp -a /var/spool/cron/. "$disk/var/spool/cron/"
    install -d -o mysql -g adm -m 2750 "$disk/var/log/mysql"
    install -d -o www-data -g adm -m 755 "$disk/var/log/nginx"
    install -d -o root -g root -m 755 "$disk/var/log/corosync" "$disk/var/log/cluster"
    install -d -o hacluster -g haclient -m 2770 "$disk/var/log/pacemaker"
    install -d -o hacluster -g haclient -m 2770 "$disk/var/log/crmsh"
}

shipped() {
    local a=$examples
    install -D -m 644 "$corosync" "$etc/corosync/corosync.conf"
    install -D -m 400 "$secrets/authkey" "$etc/corosync/authkey"
    { echo "127.0.0.1 localhost" && cat "$a/hosts"; } >"$etc/hosts"
    install -D -m 644 "$a/my-$node${mysqld:+-mysql}.cnf" "$etc/mysql/duet.cnf"
    install -D -m 600 "$a/mysql.cnf" "$etc/duet/mysql.cnf"
    install -D -m 600 "$secrets/rsync.secret" "$etc/duet/rsync.secret"
    install -D -m 644 "$a/nginx-site.conf" "$etc/nginx/sites-available/default"
    install -D -m 600 "$a/php-fpm-pool.conf" "$etc/php/8.2/fpm/pool.d/www.conf"
    install -D -m 644 "$a/index.php" "$disk/var/www/html/index.php"
}

# The agents as make install puts them, from the build tree.
agents() {
    "$here/install.sh" "$build" "$disk/overlay/usr"
}

# Not the administrator's: real time priority and the root cgroup are the machine's, which other
# work shares; nobody need wait 20 s for a node that is known to come; the fence agent of the lab.
lab() {
    printf 'system {\n  sched_rr: no\n  move_to_root_cgroup: no\n}\n' >>"$etc/corosync/corosync.conf"
    echo "$node" >"$etc/hostname"
    install -D -m 755 "$build/tests/lab/fence_lab" "$disk/overlay/usr/sbin/fence_lab"
    # The packages of MySQL would have made it.
    [ -z "$mysqld" ] || install -d -o mysql -m 750 "$disk/overlay/var/lib/mysql-files"
    local cib=$disk/overlay/var/lib/pacemaker/cib
    mkdir -p "${cib%/*}"
    install -d -o hacluster -g haclient -m 750 "$cib"
    install -o hacluster -g haclient -m 600 "$here/first-cib.xml" "$cib/cib.xml"
}

folders
shipped
agents
lab
if [ -n "$mysqld" ]; then database_mysql; else database; fi
