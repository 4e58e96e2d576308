#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The pair of pair.crm, for pcs: sh pair.pcs.sh CIBFILE (README.md says how the file is pushed).
#
#   external network 192.0.2.0/24   a .11   b .12   virtual .10   gateway .1
#   internal network 10.0.0.0/24    a .1    b .2    virtual .10 (db10 in /etc/hosts)
#
# Nothing starts before fencing-ipmi.pcs.sh, or your own fence devices, are there too.
set -eu
cib=${1:?usage: sh pair.pcs.sh CIBFILE}
p() { pcs -f "$cib" "$@"; }

p property set stonith-enabled=true no-quorum-policy=stop priority-fencing-delay=2s
# The service follows the scores of db alone, so that it can go back: nothing else may be sticky.
p resource defaults update resource-stickiness=0

# == on both servers, so that a sick standby is known before it is needed

p resource create nginx ocf:duet:nginx \
  config=/etc/nginx/nginx.conf url=http://127.0.0.1/healthz body=ok \
  op start timeout=30s stop timeout=30s \
     monitor interval=1s timeout=10s \
     monitor interval=5s timeout=15s OCF_CHECK_LEVEL=10 \
  clone interleave=true migration-threshold=3 failure-timeout=300s

p resource create php ocf:duet:php-fpm \
  config=/etc/php/8.2/fpm/php-fpm.conf listen=/run/php/php8.2-fpm.sock ping=/fpm-ping \
  op start timeout=30s stop timeout=30s \
     monitor interval=1s timeout=10s \
     monitor interval=5s timeout=15s OCF_CHECK_LEVEL=10 \
  clone interleave=true migration-threshold=3 failure-timeout=300s

p resource create db ocf:duet:mysql \
  peers="a=10.0.0.1 b=10.0.0.2" preferred_node=a \
  config=/etc/mysql/duet.cnf credentials=/etc/duet/mysql.cnf \
  failback_requires="files-state=pushed-back nginx-state=ok php-state=ok" \
  op start timeout=60s stop timeout=120s promote timeout=60s demote timeout=60s \
     notify timeout=20s \
     monitor interval=1s timeout=10s role=Promoted \
     monitor interval=2s timeout=10s role=Unpromoted \
     monitor interval=60s timeout=15s role=Promoted OCF_CHECK_LEVEL=10 \
     monitor interval=61s timeout=15s role=Unpromoted OCF_CHECK_LEVEL=10 \
  promotable promoted-max=1 clone-max=2 notify=true interleave=true \
     migration-threshold=1 failure-timeout=120s priority=10

# critical=false stands at the clone: a file copier that cannot start must not move the database.
p resource create files ocf:duet:rsync-push \
  trees="/var/www/html /etc/nginx=nginx /etc/php/8.2/fpm=php-fpm" \
  peers="a=10.0.0.1 b=10.0.0.2" secret=/etc/duet/rsync.secret \
  op start timeout=20s stop timeout=20s promote timeout=60s demote timeout=60s \
     monitor interval=10s timeout=20s role=Promoted \
     monitor interval=11s timeout=20s role=Unpromoted \
  promotable promoted-max=1 clone-max=2 critical=false failure-timeout=120s

# == on the active server alone

p resource create vip ocf:duet:vip \
  addresses="192.0.2.10/24 10.0.0.10/24" gateways=192.0.2.1 \
  op start timeout=20s stop timeout=20s monitor interval=5s timeout=10s

p resource create cron ocf:heartbeat:anything \
  binfile=/usr/sbin/cron cmdline_options=-f \
  op start timeout=20s stop timeout=20s monitor interval=10s timeout=20s \
  meta critical=false failure-timeout=120s

# == who is where, and what waits for what
# Each line was chosen against alternatives that fail: tests/scheduler/alternatives.cases.

p constraint colocation add vip with Promoted db-clone INFINITY
# 200: a broken web server moves the service to a standby that holds everything (1000-200 < 900),
# not to one that does not; INFINITY would drown the scores and with them the way back.
p constraint colocation add Promoted db-clone with nginx-clone 200
p constraint colocation add Promoted db-clone with php-clone 200
p constraint colocation add Promoted files-clone with Promoted db-clone INFINITY
p constraint colocation add cron with vip INFINITY

p constraint order promote db-clone then start vip kind=Mandatory
p constraint order start vip then start cron kind=Mandatory symmetrical=false
p constraint order promote db-clone then promote files-clone kind=Optional symmetrical=false
p constraint order stop vip then demote files-clone kind=Optional symmetrical=false

# A server that has not said yet what it holds is never promoted.
p constraint location db-clone rule role=Promoted score=-INFINITY not_defined master-db
