#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A second fencing level, after fencing-ipmi.pcs.sh: sh fencing-topology.pcs.sh CIBFILE. A
# management controller that loses its power together with its server cannot confirm anything:
# without this a power cut is an outage until a person confirms it. The PDU is asked when the
# controller does not answer. fencing-topology.crm has notes on two supplies and on SBD.
set -eu
cib=${1:?usage: sh fencing-topology.pcs.sh CIBFILE}
p() { pcs -f "$cib" "$@"; }

for server in a:1 b:2; do
  name=${server%%:*}
  p stonith create "pdu-$name" fence_apc \
    pcmk_host_list="$name" ip=10.0.0.200 plug="${server#*:}" ssh=1 username=duet \
    password_script=/etc/duet/pdu-password \
    op monitor interval=60s timeout=60s
  p constraint location "pdu-$name" avoids "$name"
  p stonith level add 1 "$name" "fence-$name"
  p stonith level add 2 "$name" "pdu-$name"
done
