#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab's wires, run in the world's network namespace, which holds nothing but the two bridges.
#   network.sh bridges          make them
#   network.sh attach WHO PID   plug the host whose first process is PID into its networks
#   network.sh join PID PID     the wire between the gateway (first) and the client
#   network.sh detach WHO       pull its plugs: nothing leaves it any more, not even a FIN
# A port is called WHO-ext or WHO-int here, ext0 or int0 inside the host. The hardware addresses
# are fixed, so that a rule can tell who sends to whom whichever virtual address is used.
set -eu

networks() {
    case $1 in
        gateway) echo ext ;;
        client) echo int ;;
        *) echo ext int ;;
    esac
}

number() {
    case $1 in
        a) echo 11 ;;
        b) echo 12 ;;
        gateway) echo 01 ;;
        client) echo 64 ;;
    esac
}

hardware() {
    case $2 in
        ext) echo "02:00:c0:00:02:$(number "$1")" ;;
        int) echo "02:00:0a:00:00:$(number "$1")" ;;
    esac
}

case $1 in
    bridges)
        ip link set dev lo up
        for bridge in ext int; do
            ip link add name "$bridge" type bridge mcast_snooping 0
            ip link set dev "$bridge" up
        done
        ;;
    attach)
        for network in $(networks "$2"); do
            ip link add name "$2-$network" type veth peer name "${network}0" \
                address "$(hardware "$2" "$network")" netns "$3"
            ip link set dev "$2-$network" master "$network" up
        done
        ;;
    join)
        ip link add name client0 netns "$2" type veth peer name up0 netns "$3"
        ;;
    detach)
        for network in $(networks "$2"); do echo "link del dev $2-$network"; done |
            ip -force -batch - 2>/dev/null || true
        ;;
esac
