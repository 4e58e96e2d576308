#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# First process of a host that is only a network namespace: host.sh gateway|client STATE
#   gateway  192.0.2.1 on the external network, 198.51.100.1 towards the client
#   client   198.51.100.2 behind the gateway, and 10.0.0.100 on the internal network, from where
#            its database writers come as the site's PHP would
set -eu
who=$1 state=$2
read -r pid _ </proc/self/stat # /proc is the machine's, and so is this number
await() {
    for _ in $(seq 500); do
        ip link show dev "$1" >/dev/null 2>&1 && return
        sleep 0.01
    done
    echo "host.sh $who: interface $1 did not appear within 5 s" >&2
    exit 1
}
ip link set dev lo up
case $who in
    gateway)
        await ext0
        ip addr add 192.0.2.1/24 dev ext0
        ip link set dev ext0 up
        echo 1 >/proc/sys/net/ipv4/ip_forward
        await client0
        ip addr add 198.51.100.1/24 dev client0
        ip link set dev client0 up
        ;;
    client)
        await int0
        ip addr add 10.0.0.100/24 dev int0
        ip link set dev int0 up
        await up0
        ip addr add 198.51.100.2/24 dev up0
        ip link set dev up0 up
        ip route add default via 198.51.100.1
        ;;
esac
echo "$pid" >"$state/$who.pid.new"
mv "$state/$who.pid.new" "$state/$who.pid"
exec -a "$state/$who" sleep infinity
