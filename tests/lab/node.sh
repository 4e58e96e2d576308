#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Process 1 of a node, in namespaces of its own: mounts and network, then corosync and pacemakerd,
# as a server boots. What stands below DISK survives a power cut, everything else does not.
#   node.sh NAME STATE DISK CGROUP
set -eu
name=$1 state=$2 disk=$3 cgroup=$4
read -r pid _ </proc/self/stat # /proc is still the machine's, and so is this number
[ -z "$cgroup" ] || echo 0 >"$cgroup/cgroup.procs"
hostname "$name"

overlay() {
    mkdir -p "$disk/overlay/$1" "$disk/layers/$1"
    mount -t overlay "duet-$name" \
        -o "lowerdir=/$1,upperdir=$disk/overlay/$1,workdir=$disk/layers/$1" "/$1"
}

mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs tmpfs /dev/shm
for folder in etc usr var/lib; do overlay "$folder"; done
for folder in var/lib/mysql var/log var/www var/spool/cron root; do
    mkdir -p "/$folder"
    mount --bind "$disk/$folder" "/$folder"
done
# A scenario may have given the database a disk of its own.
[ ! -f "$disk/root/mysql.img" ] || mount -o loop "$disk/root/mysql.img" /var/lib/mysql
mkdir -p "$disk/run"
mount -t tmpfs -o mode=755 tmpfs "$disk/run"
mkdir "$disk/run/duet-bmc"
mount --bind "$state/bmc" "$disk/run/duet-bmc"

await() {
    for _ in $(seq 500); do
        ip link show dev "$1" >/dev/null 2>&1 && return
        sleep 0.01
    done
    echo "node.sh $name: interface $1 did not appear within 5 s" >&2
    exit 1
}
number=1
[ "$name" = a ] || number=2
await ext0
await int0
ip link set dev lo up
ip addr add "192.0.2.1$number/24" dev ext0
ip addr add "10.0.0.$number/24" dev int0
ip link set dev ext0 up
ip link set dev int0 up
ip route add default via 192.0.2.1

echo "$pid" >"$state/$name.pid.new"
mv "$state/$name.pid.new" "$state/$name.pid"
mount -n --move "$disk/run" /run
mount -t tmpfs -o mode=1777 tmpfs /tmp

# What tmpfiles.d of the packages makes at boot.
install -d -o mysql -m 755 /run/mysqld
install -d -o www-data -g www-data -m 755 /run/php
install -d -m 1755 /run/resource-agents
install -d -m 1777 /run/lock
install -d -o hacluster -g haclient -m 750 /run/crm

cd /
ulimit -l unlimited 2>/dev/null || true
exec </dev/null >>/var/log/boot.log 2>&1
echo "boot $(date '+%F %T.%N')"
corosync -f &
for _ in $(seq 200); do
    corosync-cfgtool -s >/dev/null 2>&1 && break
    sleep 0.05
done
pacemakerd -f &
: >/run/booted
# Reaps whatever is left to process 1, for as long as the power is on.
while :; do
    wait -n || true
    sleep 0.2
done
