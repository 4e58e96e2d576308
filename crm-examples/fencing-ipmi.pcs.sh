#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One fence device for each server: sh fencing-ipmi.pcs.sh CIBFILE. A server never fences itself:
# it would have to be alive to do it. Addresses and user are yours; /etc/duet/ipmi-password is a
# program, mode 0700, that prints the password.
set -eu
cib=${1:?usage: sh fencing-ipmi.pcs.sh CIBFILE}
p() { pcs -f "$cib" "$@"; }

for server in a:10.0.0.101 b:10.0.0.102; do
  name=${server%%:*}
  p stonith create "fence-$name" fence_ipmilan \
    pcmk_host_list="$name" ip="${server#*:}" username=duet lanplus=1 \
    password_script=/etc/duet/ipmi-password \
    op monitor interval=60s timeout=60s
  p constraint location "fence-$name" avoids "$name"
done
