-- SPDX-License-Identifier: GPL-2.0-or-later
-- The accounts of the pair, to be run as root on BOTH servers before the cluster starts db for the
-- first time. Replace each CHANGE-ME password, here and in mysql.cnf and php-fpm-pool.conf.

-- By hand on each server: in the binary log these statements would meet the other server's own and
-- stop replication on both.
SET SESSION sql_log_bin = 0;

-- The agent, over the socket; and over extra_port when all connections are taken.
CREATE USER IF NOT EXISTS duet@localhost IDENTIFIED BY 'CHANGE-ME-agent',
  duet@127.0.0.1 IDENTIFIED BY 'CHANGE-ME-agent';
-- To look. SHOW VIEW lets it see that there are tables at all, and nothing that is in them.
GRANT PROCESS, REPLICA MONITOR, BINLOG MONITOR, SHOW VIEW ON *.* TO duet@localhost, duet@127.0.0.1;
-- To open and close the server, end clients, follow and be followed.
GRANT READ ONLY ADMIN, CONNECTION ADMIN, REPLICATION SLAVE ADMIN, REPLICATION MASTER ADMIN,
  BINLOG ADMIN, RELOAD ON *.* TO duet@localhost, duet@127.0.0.1;
-- Scheduled events follow the role; the scheduler's switch asks for SUPER.
GRANT EVENT, SET USER, SUPER ON *.* TO duet@localhost, duet@127.0.0.1;
-- Check level 10 names the accounts that can write on the standby.
GRANT SELECT ON mysql.global_priv TO duet@localhost, duet@127.0.0.1;
GRANT SELECT ON mysql.roles_mapping TO duet@localhost, duet@127.0.0.1;
-- Its marker and the monitor's probe.
GRANT ALL ON duet.* TO duet@localhost, duet@127.0.0.1;

-- The other server's replication, over the internal network.
CREATE USER IF NOT EXISTS repl@'10.0.0.%' IDENTIFIED BY 'CHANGE-ME-repl';
GRANT REPLICATION SLAVE ON *.* TO repl@'10.0.0.%';

-- The site. Never GRANT ALL ON *.*: it includes READ ONLY ADMIN, and an account that holds it can
-- write on the standby.
CREATE USER IF NOT EXISTS site@'10.0.0.%' IDENTIFIED BY 'CHANGE-ME-site';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON site.*
  TO site@'10.0.0.%';
