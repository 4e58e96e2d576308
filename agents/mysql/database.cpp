// SPDX-License-Identifier: GPL-2.0-or-later
#include "database.hpp"

#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "option_file.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

// About 31 years in milliseconds: the semi-synchronous time-out that never comes.
constexpr const char* no_timeout = "1000000000000";

constexpr unsigned lock_wait_timeout = 1205;  // ER_LOCK_WAIT_TIMEOUT
constexpr unsigned no_such_thread = 1094;     // ER_NO_SUCH_THREAD

SqlTarget target(const std::string& socket, const Credentials& credentials,
                 std::chrono::seconds timeout) {
    SqlTarget target;
    target.socket = socket;
    target.user = credentials.user;
    target.password = credentials.password;
    target.timeout = timeout;
    return target;
}

std::string identifier(const std::string& name) {
    std::string out = "`";
    for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
    return out + '`';
}

int number(const std::string& text) { return int(parse_integer(text).value_or(0)); }

Receiver receiver_state(const std::string& word) {
    if (word == "Yes") return Receiver::running;
    return word == "No" || word.empty() ? Receiver::stopped : Receiver::connecting;
}

void read_channel(const SqlRow& row, DatabaseView& view) {
    view.channel = !row["Master_Host"].empty();
    view.source_host = row["Master_Host"];
    view.source_user = row["Master_User"];
    view.source_port = number(row["Master_Port"]);
    view.receiver = receiver_state(row["Slave_IO_Running"]);
    view.receiver_errno = number(row["Last_IO_Errno"]);
    view.receiver_error = row["Last_IO_Error"];
    view.received_position = row["Gtid_IO_Pos"];
    view.applier_runs = row["Slave_SQL_Running"] == "Yes";
    view.applier_errno = number(row["Last_SQL_Errno"]);
    view.applier_error = row["Last_SQL_Error"];
    if (const auto seconds = row.find("Seconds_Behind_Master"))
        view.delay = std::chrono::seconds(number(*seconds));
}

}  // namespace

Credentials read_credentials(const std::string& path) {
    if (const auto problem = secret_problem(path)) throw Failure(Exit::args, *problem);
    auto file = parse_option_file(read_file(path).value_or(""));
    Credentials credentials;
    credentials.user = file["client"]["user"];
    credentials.password = file["client"]["password"];
    credentials.replication_user = file["replication"]["user"];
    credentials.replication_password = file["replication"]["password"];
    if (credentials.user.empty()) credentials.user = "root";
    if (credentials.replication_user.empty())
        throw Failure(Exit::args, cat("the file '", path,
                                      "' has no 'user' in its group [replication]"));
    return credentials;
}

Database::Database(const std::string& socket, const Credentials& credentials,
                   std::chrono::seconds timeout)
    : session_(target(socket, credentials, timeout)), credentials_(credentials) {}

DatabaseView Database::look() {
    DatabaseView view;
    const auto variables = session_.rows(
        "SELECT @@read_only AS closed, @@rpl_semi_sync_master_enabled AS source,"
        " @@rpl_semi_sync_slave_enabled AS replica, @@gtid_binlog_pos AS written,"
        " @@gtid_slave_pos AS applied");
    const auto& row = variables.at(0);
    view.open = row["closed"] == "0";
    view.semi_sync_source = row["source"] == "1";
    view.semi_sync_replica = row["replica"] == "1";
    view.binlog_position = row["written"];
    view.applied_position = row["applied"];
    for (const auto& status : session_.rows("SHOW GLOBAL STATUS WHERE Variable_name IN"
                                            " ('Rpl_semi_sync_master_clients',"
                                            " 'Rpl_semi_sync_master_wait_sessions')")) {
        const bool clients = status["Variable_name"] == "Rpl_semi_sync_master_clients";
        (clients ? view.semi_sync_replicas : view.waiting_commits) = number(status["Value"]);
    }
    for (const auto& channel : session_.rows("SHOW SLAVE STATUS")) read_channel(channel, view);
    return view;
}

bool Database::has_data() {
    return session_.value("SELECT @@gtid_binlog_pos <> '' OR @@gtid_slave_pos <> '' OR EXISTS"
                          " (SELECT 1 FROM information_schema.tables WHERE table_schema NOT IN"
                          " ('mysql', 'information_schema', 'performance_schema', 'sys', 'duet'))") ==
           "1";
}

void Database::set_semi_sync_replica() {
    session_.execute("SET GLOBAL rpl_semi_sync_slave_enabled = ON");
}

void Database::set_waiting(bool on) {
    if (on)
        session_.execute(cat("SET GLOBAL rpl_semi_sync_master_timeout = ", no_timeout,
                             ", rpl_semi_sync_master_wait_point = AFTER_SYNC,"
                             " rpl_semi_sync_master_wait_no_slave = ON"));
    session_.execute(cat("SET GLOBAL rpl_semi_sync_master_enabled = ", on ? "ON" : "OFF"));
}

void Database::open() { session_.execute("SET GLOBAL read_only = OFF"); }

bool Database::try_close(std::chrono::seconds lock_wait) {
    try {
        session_.execute(cat("SET SESSION lock_wait_timeout = ", lock_wait.count()));
        session_.execute("SET GLOBAL read_only = ON");
        return true;
    } catch (const SqlError& error) {
        if (error.code() != lock_wait_timeout) throw;
        return false;
    }
}

int Database::end_clients() {
    const auto clients = session_.rows(
        "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
        " AND user NOT IN ('system user', 'event_scheduler')"
        " AND command NOT IN ('Binlog Dump', 'Daemon', 'Slave_IO', 'Slave_SQL', 'Slave_worker')");
    for (const auto& client : clients) end_thread(client["id"]);
    return int(clients.size());
}

void Database::end_thread(const std::string& id) {
    try {
        session_.execute(cat("KILL ", id));
    } catch (const SqlError& error) {
        if (error.code() != no_such_thread) throw;
    }
}

void Database::start_receiver(const Peer& source) {
    const auto statement = [&](const std::string& password) {
        return cat("CHANGE MASTER TO MASTER_HOST = ", session_.quoted(source.address),
                   ", MASTER_PORT = ", source.port,
                   ", MASTER_USER = ", session_.quoted(credentials_.replication_user),
                   ", MASTER_PASSWORD = ", password,
                   ", MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1,"
                   " MASTER_USE_GTID = slave_pos, MASTER_DEMOTE_TO_SLAVE = 1");
    };
    session_.execute("STOP SLAVE");
    // What this server wrote itself while it was active becomes part of where it starts to follow;
    // without that it would ask for a stale position, or hide that the two have diverged.
    session_.execute(statement(session_.quoted(credentials_.replication_password)),
                     statement("'***'"));
    session_.execute("START SLAVE");
}

void Database::kill_receiver() {
    for (const auto& thread : session_.rows(
             "SELECT id FROM information_schema.processlist WHERE command = 'Slave_IO'"))
        end_thread(thread["id"]);
}

void Database::stop_receiver() { session_.execute("STOP SLAVE IO_THREAD"); }

void Database::stop_applier() { session_.execute("STOP SLAVE SQL_THREAD"); }

void Database::start_applier() { session_.execute("START SLAVE SQL_THREAD"); }

bool Database::wait_applied(const std::string& position, Milliseconds wait) {
    if (position.empty()) return true;
    const auto seconds = double(wait.count()) / 1000;
    return session_.value(cat("SELECT MASTER_GTID_WAIT(", session_.quoted(position), ", ", seconds,
                              ")")) == "0";
}

void Database::write_marker(const std::string& node, const std::string& life) {
    session_.execute("CREATE DATABASE IF NOT EXISTS duet");
    session_.execute("CREATE TABLE IF NOT EXISTS duet.marker (node VARCHAR(255) PRIMARY KEY,"
                     " life VARCHAR(64) NOT NULL, written TIMESTAMP(3) NOT NULL) ENGINE = InnoDB");
    session_.execute(cat("REPLACE INTO duet.marker VALUES (", session_.quoted(node), ", ",
                         session_.quoted(life), ", NOW(3))"));
}

void Database::set_events(bool active) {
    if (!active) {
        session_.execute("SET GLOBAL event_scheduler = OFF");
        return;
    }
    const auto events = session_.rows(
        "SELECT event_schema AS place, event_name AS name, definer, status FROM"
        " information_schema.events");
    // Each server enables its own copy; in the binary log it would undo the other's.
    session_.execute("SET SESSION sql_log_bin = 0");
    for (const auto& event : events) {
        if (event["status"] != "SLAVESIDE_DISABLED") continue;
        const auto definer = event["definer"];
        const auto at = definer.rfind('@');
        const auto name = cat(identifier(event["place"]), '.', identifier(event["name"]));
        session_.execute(cat("ALTER DEFINER = ", identifier(definer.substr(0, at)), '@',
                             identifier(definer.substr(at + 1)), " EVENT ", name, " ENABLE"));
        log::info("enabled the event ", name, ", which replication had left disabled");
    }
    session_.execute("SET GLOBAL event_scheduler = ON");
}

}  // namespace duet::mysql
