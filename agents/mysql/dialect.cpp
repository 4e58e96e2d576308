// SPDX-License-Identifier: GPL-2.0-or-later
#include "dialect.hpp"

#include "failure.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr const char* mariadb_closed[] = {
    "--read-only=ON", "--skip-slave-start", "--event-scheduler=OFF",
    "--rpl-semi-sync-master-enabled=OFF", "--rpl-semi-sync-slave-enabled=ON",
    // A receiver that is stopped takes leave of its source, and waits so long when it is cut off.
    "--rpl-semi-sync-slave-kill-conn-timeout=1", "--ignore-db-dirs=.duet", nullptr};

// Loose: while it starts, the server does not know the variables of its plugins.
constexpr const char* mysql_closed[] = {
    "--read-only=ON", "--super-read-only=ON", "--skip-replica-start", "--relay-log-recovery=ON",
    "--event-scheduler=OFF",
    "--plugin-load-add=semisync_source.so;semisync_replica.so;mysql_clone.so",
    "--loose-rpl-semi-sync-source-enabled=OFF", "--loose-rpl-semi-sync-replica-enabled=ON", nullptr};

#define OTHER_SCHEMAS "('mysql', 'information_schema', 'performance_schema', 'sys', 'duet')"
// About 31 years in milliseconds: the semi-synchronous time-out that never comes.
#define NO_TIMEOUT "1000000000000"

constexpr Dialect mariadb{
    .server = "MariaDB",
    .set_up = "mariadb-install-db",
    .closed_options = mariadb_closed,
    .recovery_option = "--init-rpl-role=",
    .recovery_source = "MASTER",
    .recovery_replica = "SLAVE",
    .cuts_tail = true,
    .clones = false,
    .variables = "SELECT @@read_only = 0 AS open, @@read_only <> 0 AS closed,"
                 " @@rpl_semi_sync_master_enabled AS source,"
                 " @@rpl_semi_sync_slave_enabled AS replica, @@gtid_binlog_pos AS written,"
                 " @@gtid_slave_pos AS applied",
    .clients_status = "Rpl_semi_sync_master_clients",
    .waiting_status = "Rpl_semi_sync_master_wait_sessions",
    .has_data = "SELECT @@gtid_binlog_pos <> '' OR @@gtid_slave_pos <> '' OR EXISTS"
                " (SELECT 1 FROM information_schema.tables WHERE table_schema NOT IN " OTHER_SCHEMAS
                ")",
    .replica_on = "SET GLOBAL rpl_semi_sync_slave_enabled = ON",
    .wait_always = "SET GLOBAL rpl_semi_sync_master_timeout = " NO_TIMEOUT ","
                   " rpl_semi_sync_master_wait_point = AFTER_SYNC,"
                   " rpl_semi_sync_master_wait_no_slave = ON",
    .waiting_on = "SET GLOBAL rpl_semi_sync_master_enabled = ON",
    .waiting_off = "SET GLOBAL rpl_semi_sync_master_enabled = OFF",
    .close = "SET GLOBAL read_only = ON",
    .source_host = "Master_Host",
    .source_user = "Master_User",
    .source_port = "Master_Port",
    .receiver = "Slave_IO_Running",
    .applier = "Slave_SQL_Running",
    .received = "Gtid_IO_Pos",
    .delay = "Seconds_Behind_Master",
    .receiver_diverged = 1236,  // ER_MASTER_FATAL_ERROR_READING_BINLOG
    .applier_diverged = 1950,   // ER_GTID_STRICT_OUT_OF_ORDER
    .change_source = "CHANGE MASTER TO",
    .option = "MASTER_",
    // What this server wrote itself while it was active becomes part of where it starts to follow;
    // without that it would ask for a stale position, or hide that the two have diverged.
    .change_options = "MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1,"
                      " MASTER_USE_GTID = slave_pos, MASTER_DEMOTE_TO_SLAVE = 1",
    .receivers = "SELECT id AS id FROM information_schema.processlist WHERE command = 'Slave_IO'",
    .clients = "SELECT id AS id FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
               " AND user NOT IN ('system user', 'event_scheduler') AND command NOT IN"
               " ('Binlog Dump', 'Daemon', 'Slave_IO', 'Slave_SQL', 'Slave_worker')",
    .not_committing = "COALESCE(state, '') NOT IN"
                      " ('Commit', 'Writing to binlog', 'Waiting for semi-sync ACK from slave')",
    .wait_applied = "MASTER_GTID_WAIT",
    .least_lock_wait = 0,
    .places = "SELECT @@extra_port AS extra, @@tmpdir AS temporary, @@log_bin_basename AS binlog,"
              " @@relay_log_basename AS relay, @@innodb_log_group_home_dir AS redo",
    .settings = "('sync_binlog', 'innodb_flush_log_at_trx_commit', 'log_bin', 'log_slave_updates',"
                " 'binlog_format', 'gtid_strict_mode', 'gtid_domain_id', 'server_id',"
                " 'slave_parallel_threads', 'slave_parallel_mode', 'event_scheduler', 'extra_port',"
                " 'gtid_binlog_pos', 'gtid_slave_pos', 'rpl_semi_sync_master_enabled')",
    .source_id = "Master_Server_Id",
    .followers = "SHOW SLAVE HOSTS",
    .appliers = "SELECT COUNT(*) FROM information_schema.processlist"
                " WHERE command = 'Slave_worker'",
    .read_only_has_holes = true,
};

constexpr Dialect mysql{
    .server = "MySQL",
    .set_up = "mysqld --initialize",
    .closed_options = mysql_closed,
    .recovery_option = nullptr,
    .recovery_source = nullptr,
    .recovery_replica = nullptr,
    .cuts_tail = false,
    .clones = true,
    // One set for what it wrote and what it applied.
    .variables = "SELECT @@read_only = 0 AS open, @@super_read_only AS closed,"
                 " @@rpl_semi_sync_source_enabled AS source,"
                 " @@rpl_semi_sync_replica_enabled AS replica,"
                 " @@gtid_executed AS written, @@gtid_executed AS applied",
    .clients_status = "Rpl_semi_sync_source_clients",
    .waiting_status = "Rpl_semi_sync_source_wait_sessions",
    .has_data = "SELECT @@gtid_executed <> '' OR EXISTS"
                " (SELECT 1 FROM information_schema.tables WHERE table_schema NOT IN " OTHER_SCHEMAS
                ")",
    .replica_on = "SET GLOBAL rpl_semi_sync_replica_enabled = ON",
    .wait_always = "SET GLOBAL rpl_semi_sync_source_timeout = " NO_TIMEOUT ","
                   " rpl_semi_sync_source_wait_point = AFTER_SYNC,"
                   " rpl_semi_sync_source_wait_no_replica = ON",
    .waiting_on = "SET GLOBAL rpl_semi_sync_source_enabled = ON",
    .waiting_off = "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
    .close = "SET GLOBAL super_read_only = ON",
    .source_host = "Source_Host",
    .source_user = "Source_User",
    .source_port = "Source_Port",
    .receiver = "Replica_IO_Running",
    .applier = "Replica_SQL_Running",
    .received = "Retrieved_Gtid_Set",
    .delay = "Seconds_Behind_Source",
    .receiver_diverged = 13114,  // ER_SERVER_SOURCE_FATAL_ERROR_READING_BINLOG
    .applier_diverged = 0,
    .change_source = "CHANGE REPLICATION SOURCE TO",
    .option = "SOURCE_",
    // Its default gives up after ten attempts. The key: for a source without TLS.
    .change_options = "SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 31536000,"
                      " SOURCE_HEARTBEAT_PERIOD = 1, SOURCE_AUTO_POSITION = 1,"
                      " GET_SOURCE_PUBLIC_KEY = 1",
    .receivers = "SELECT processlist_id AS id FROM performance_schema.threads"
                 " WHERE name = 'thread/sql/replica_io'",
    .clients = "SELECT id AS id FROM performance_schema.processlist WHERE id <> CONNECTION_ID()"
               " AND user NOT IN ('system user', 'event_scheduler')"
               " AND command NOT IN ('Binlog Dump', 'Binlog Dump GTID', 'Daemon')",
    // A commit holds this lock from before it is written until it is answered.
    .not_committing = "id NOT IN (SELECT t.processlist_id FROM performance_schema.threads AS t"
                      " JOIN performance_schema.metadata_locks AS l ON l.owner_thread_id = t.thread_id"
                      " WHERE l.object_type = 'COMMIT' AND l.lock_type = 'INTENTION_EXCLUSIVE'"
                      " AND l.lock_status = 'GRANTED' AND t.processlist_id IS NOT NULL)",
    .wait_applied = "WAIT_FOR_EXECUTED_GTID_SET",
    .least_lock_wait = 1,
    .places = "SELECT IF(COALESCE(@@admin_address, '') = '', 0, @@admin_port) AS extra,"
              " @@tmpdir AS temporary, @@log_bin_basename AS binlog,"
              " @@relay_log_basename AS relay, @@innodb_log_group_home_dir AS redo",
    .settings = "('sync_binlog', 'innodb_flush_log_at_trx_commit', 'log_bin',"
                " 'log_replica_updates', 'binlog_format', 'gtid_mode', 'enforce_gtid_consistency',"
                " 'server_id', 'replica_parallel_workers', 'replica_preserve_commit_order',"
                " 'event_scheduler', 'admin_address', 'rpl_semi_sync_source_enabled',"
                " 'clone_valid_donor_list')",
    .source_id = "Source_Server_Id",
    .followers = "SHOW REPLICAS",
    .appliers = "SELECT COUNT(*) FROM performance_schema.threads"
                " WHERE name = 'thread/sql/replica_worker'",
    .read_only_has_holes = false,
};

#undef OTHER_SCHEMAS
#undef NO_TIMEOUT

constexpr int oldest_major = 8, oldest_minor = 4;

}  // namespace

const Dialect& dialect_of(const std::string& version) {
    if (version.find("MariaDB") != std::string::npos) return mariadb;
    const auto words = split(version, '.');
    const auto major = parse_integer(words[0]).value_or(0);
    const auto minor = words.size() > 1 ? parse_integer(words[1]).value_or(0) : 0;
    if (major < oldest_major || (major == oldest_major && minor < oldest_minor))
        throw Failure(Exit::installed, cat("the server is MySQL ", version, ": this agent needs MySQL ",
                                           oldest_major, '.', oldest_minor, " or MariaDB"));
    return mysql;
}

const Dialect& dialect_of_program(const std::string& printed) {
    const auto words = split_words(printed);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i] == "Ver") return dialect_of(words[i + 1]);
    throw Failure(Exit::installed, cat("the server says of its version '", printed, '\''));
}

}  // namespace duet::mysql
