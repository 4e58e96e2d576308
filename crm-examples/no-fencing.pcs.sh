#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The pair without fence devices, after pair.pcs.sh: sh no-fencing.pcs.sh CIBFILE. For servers that
# cannot have any.
#
# What can go wrong, and nothing here prevents it:
#   - Both networks between the servers fail while both reach the gateway, or one server hangs and
#     wakes up: both are active for that time. Both hold the addresses, both write, and when they
#     meet again, what the older one wrote in that time is cut off.
#   - A server that is cut off from everything stays active for what runs on it (cron): see above.
#   - What was acknowledged in the last moments before a crash may be lost (durability=async).
#     durability=lossless keeps it, but then the death of a standby stops all writes until it is
#     back, for nobody can confirm that it is dead.
set -eu
cib=${1:?usage: sh no-fencing.pcs.sh CIBFILE}
p() { pcs -f "$cib" "$@"; }

p property set stonith-enabled=false

p resource update db durability=async

# A standby that has lost the gateway has probably lost the network and not its peer.
# dampen is longer than the interval: when the gateway itself dies, both servers say so at once, and
# nothing moves.
p resource create gateway ocf:pacemaker:ping \
  host_list=192.0.2.1 name=gateway attempts=3 timeout=1 dampen=10s \
  op start timeout=20s stop timeout=20s monitor interval=5s timeout=20s \
  clone interleave=true

# 950: the active goes on without the gateway (1000-950 >= 0) unless a standby has it; a standby
# without it is never promoted (900-950 < 0).
p constraint location db-clone rule role=Promoted score=-950 \
  not_defined gateway or gateway lt 1
