-- SPDX-License-Identifier: GPL-2.0-or-later
-- The accounts of the pair on MySQL, to be run as root on BOTH servers before the cluster starts db
-- for the first time. Replace each CHANGE-ME password, here and in mysql.cnf and php-fpm-pool.conf.

-- By hand on each server: in the binary log these statements would make the two servers' histories
-- differ before they have met.
SET SESSION sql_log_bin = 0;

-- The agent, over the socket; and over admin_address when all connections are taken.
CREATE USER IF NOT EXISTS duet@localhost IDENTIFIED BY 'CHANGE-ME-agent',
  duet@127.0.0.1 IDENTIFIED BY 'CHANGE-ME-agent';
-- To look. SHOW VIEW lets it see that there are tables at all, and nothing that is in them.
GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE, SHOW VIEW ON *.* TO duet@localhost,
  duet@127.0.0.1;
GRANT SELECT ON performance_schema.* TO duet@localhost, duet@127.0.0.1;
-- To open and close the server, follow and be followed, and end clients: those of root, too.
GRANT SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, SERVICE_CONNECTION_ADMIN, SYSTEM_USER,
  REPLICATION_SLAVE_ADMIN ON *.* TO duet@localhost, duet@127.0.0.1;
GRANT RELOAD ON *.* TO duet@localhost, duet@127.0.0.1;
-- To be seeded anew.
GRANT BACKUP_ADMIN ON *.* TO duet@localhost, duet@127.0.0.1;
-- Scheduled events follow the role.
GRANT EVENT ON *.* TO duet@localhost, duet@127.0.0.1;
GRANT SET_ANY_DEFINER ON *.* TO duet@localhost, duet@127.0.0.1;
-- Its marker and the monitor's probe.
GRANT ALL ON duet.* TO duet@localhost, duet@127.0.0.1;

-- The other server's replication, and what it fetches when it is seeded anew, over the internal network.
CREATE USER IF NOT EXISTS repl@'10.0.0.%' IDENTIFIED BY 'CHANGE-ME-repl';
GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO repl@'10.0.0.%';

-- The site. Never more than a database: an account with SYSTEM_VARIABLES_ADMIN could open the standby.
CREATE USER IF NOT EXISTS site@'10.0.0.%' IDENTIFIED BY 'CHANGE-ME-site';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON site.*
  TO site@'10.0.0.%';
