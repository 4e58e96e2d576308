#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The pair of the article of 2009 (Nginx+PHP+MySQL, two servers, automatic change-over): its virtual
# addresses, trees and places of the programs, with the agents of today. sh
# classic.pcs.sh CIBFILE, in the place of pair.pcs.sh, where the same is explained line by line;
# fencing-ipmi.pcs.sh with your addresses belongs to it.
#
#   external network on eth1   virtual 72.249.146.214
#   internal network on eth0   virtual 192.168.146.214 (db10 in /etc/hosts)   a .213   b .215
#
# The shell script bound and released the addresses, asked both servers every 20 seconds, pushed the
# trees as rsync modules data0_htdocs, php_etc and nginx_conf, and started and stopped crond.
set -eu
cib=${1:?usage: sh classic.pcs.sh CIBFILE}
p() { pcs -f "$cib" "$@"; }

p property set stonith-enabled=true no-quorum-policy=stop priority-fencing-delay=2s
p resource defaults update resource-stickiness=0

# == on both servers, so that a sick standby is known before it is needed

p resource create nginx ocf:duet:nginx \
  binary=/usr/local/webserver/nginx/sbin/nginx \
    config=/usr/local/webserver/nginx/conf/nginx.conf \
    url=http://127.0.0.1/healthz body=ok \
  op start timeout=30s stop timeout=30s \
     monitor interval=1s timeout=10s \
     monitor interval=5s timeout=15s OCF_CHECK_LEVEL=10 \
  clone interleave=true migration-threshold=3 failure-timeout=300s

p resource create php ocf:duet:php-fpm \
  binary=/usr/local/webserver/php/sbin/php-fpm \
    config=/usr/local/webserver/php/etc/php-fpm.conf \
    listen=127.0.0.1:9000 ping=/fpm-ping \
  op start timeout=30s stop timeout=30s \
     monitor interval=1s timeout=10s \
     monitor interval=5s timeout=15s OCF_CHECK_LEVEL=10 \
  clone interleave=true migration-threshold=3 failure-timeout=300s

p resource create db ocf:duet:mysql \
  peers="a=192.168.146.213 b=192.168.146.215" preferred_node=a \
  binary=/usr/local/webserver/mysql/bin/mariadbd \
    config=/data0/mysql/3306/my.cnf datadir=/data0/mysql/3306/data socket=/tmp/mysql.sock \
    credentials=/etc/duet/mysql.cnf \
  failback_requires="files-state=pushed-back nginx-state=ok php-state=ok" \
  op start timeout=60s stop timeout=120s promote timeout=60s demote timeout=60s \
     notify timeout=20s \
     monitor interval=1s timeout=10s role=Promoted \
     monitor interval=2s timeout=10s role=Unpromoted \
     monitor interval=60s timeout=15s role=Promoted OCF_CHECK_LEVEL=10 \
     monitor interval=61s timeout=15s role=Unpromoted OCF_CHECK_LEVEL=10 \
  promotable promoted-max=1 clone-max=2 notify=true interleave=true \
     migration-threshold=1 failure-timeout=120s priority=10

p resource create files ocf:duet:rsync-push \
  trees="/data0/htdocs /usr/local/webserver/php/etc=php-fpm /usr/local/webserver/nginx/conf=nginx" \
  peers="a=192.168.146.213 b=192.168.146.215" secret=/etc/duet/rsync.secret \
  op start timeout=20s stop timeout=20s promote timeout=60s demote timeout=60s \
     monitor interval=10s timeout=20s role=Promoted \
     monitor interval=11s timeout=20s role=Unpromoted \
  promotable promoted-max=1 clone-max=2 critical=false failure-timeout=120s

# == on the active server alone

p resource create vip ocf:duet:vip \
  addresses="72.249.146.214/24@eth1 192.168.146.214/24@eth0" \
  op start timeout=20s stop timeout=20s monitor interval=5s timeout=10s

p resource create cron ocf:heartbeat:anything \
  binfile=/usr/sbin/cron cmdline_options=-f \
  op start timeout=20s stop timeout=20s monitor interval=10s timeout=20s \
  meta critical=false failure-timeout=120s

# == who is where, and what waits for what

p constraint colocation add vip with Promoted db-clone INFINITY
p constraint colocation add Promoted db-clone with nginx-clone 200
p constraint colocation add Promoted db-clone with php-clone 200
p constraint colocation add Promoted files-clone with Promoted db-clone INFINITY
p constraint colocation add cron with vip INFINITY

p constraint order promote db-clone then start vip kind=Mandatory
p constraint order start vip then start cron kind=Mandatory symmetrical=false
p constraint order promote db-clone then promote files-clone kind=Optional symmetrical=false
p constraint order stop vip then demote files-clone kind=Optional symmetrical=false

p constraint location db-clone rule role=Promoted score=-INFINITY not_defined master-db
