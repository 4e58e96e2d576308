#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The devices of fencing-lab.crm, for pcs: sh fencing-lab.pcs.sh CIBFILE
set -eu
cib=${1:?usage: sh fencing-lab.pcs.sh CIBFILE}
p() { pcs -f "$cib" "$@"; }

for name in a b; do
  p stonith create "fence-$name" fence_lab pcmk_host_list="$name" plug="$name" \
    op monitor interval=60s timeout=60s
  p constraint location "fence-$name" avoids "$name"
done
