// SPDX-License-Identifier: GPL-2.0-or-later
#include "database.hpp"

#include <algorithm>

#include "failure.hpp"
#include "file.hpp"
#include "log.hpp"
#include "option_file.hpp"
#include "text.hpp"

namespace duet::mysql {

namespace {

constexpr unsigned lock_wait_timeout = 1205;  // ER_LOCK_WAIT_TIMEOUT
constexpr unsigned no_such_thread = 1094;     // ER_NO_SUCH_THREAD

SqlTarget target(const std::string& socket, const Credentials& credentials,
                 std::chrono::seconds timeout) {
    SqlTarget target;
    target.socket = socket;
    if (const auto port = parse_integer(socket)) {
        target.host = "127.0.0.1";
        target.port = int(*port);
    }
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

// Without its line ends a position can be one word among others.
std::string one_line(std::string text) {
    std::erase(text, '\n');
    return text;
}

void read_channel(const SqlRow& row, const Dialect& words, DatabaseView& view) {
    view.channel = !row[words.source_host].empty();
    view.source_host = row[words.source_host];
    view.source_user = row[words.source_user];
    view.source_port = number(row[words.source_port]);
    view.receiver = receiver_state(row[words.receiver]);
    view.receiver_errno = number(row["Last_IO_Errno"]);
    view.receiver_error = row["Last_IO_Error"];
    view.received_position = one_line(row[words.received]);
    view.applier_runs = row[words.applier] == "Yes";
    view.applier_errno = number(row["Last_SQL_Errno"]);
    view.applier_error = row["Last_SQL_Error"];
    view.diverged = (view.receiver_errno != 0 && view.receiver_errno == words.receiver_diverged) ||
                    (view.applier_errno != 0 && view.applier_errno == words.applier_diverged);
    if (const auto seconds = row.find(words.delay))
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
    : session_(target(socket, credentials, timeout)),
      credentials_(credentials),
      words_(&dialect_of(session_.server_version())) {}

DatabaseView Database::look() {
    DatabaseView view;
    const auto variables = session_.rows(words_->variables);
    const auto& row = variables.at(0);
    view.open = row["open"] == "1";
    view.closed = row["closed"] == "1";
    view.semi_sync_source = row["source"] == "1";
    view.semi_sync_replica = row["replica"] == "1";
    view.binlog_position = one_line(row["written"]);
    view.applied_position = one_line(row["applied"]);
    for (const auto& status :
         session_.rows(cat("SHOW GLOBAL STATUS WHERE Variable_name IN ('", words_->clients_status,
                           "', '", words_->waiting_status, "')"))) {
        const bool clients = status["Variable_name"] == words_->clients_status;
        (clients ? view.semi_sync_replicas : view.waiting_commits) = number(status["Value"]);
    }
    for (const auto& channel : session_.rows("SHOW REPLICA STATUS"))
        read_channel(channel, *words_, view);
    return view;
}

bool Database::has_data() { return session_.value(words_->has_data) == "1"; }

void Database::set_semi_sync_replica() { session_.execute(words_->replica_on); }

void Database::set_waiting(bool on) {
    if (on) session_.execute(words_->wait_always);
    session_.execute(on ? words_->waiting_on : words_->waiting_off);
}

void Database::open() { session_.execute("SET GLOBAL read_only = OFF"); }

bool Database::try_close(std::chrono::seconds lock_wait) {
    try {
        session_.execute(cat("SET SESSION lock_wait_timeout = ", lock_wait.count()));
        session_.execute(words_->close);
        return true;
    } catch (const SqlError& error) {
        if (error.code() != lock_wait_timeout) throw;
        return false;
    }
}

int Database::end_clients(bool committing) {
    // The newest first: who waits for another one's lock must not get it at the end.
    const auto clients = session_.rows(
        cat(words_->clients, committing ? "" : cat(" AND ", words_->not_committing),
            " ORDER BY id DESC"));
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
        const auto* option = words_->option;
        return cat(words_->change_source, ' ', option, "HOST = ", session_.quoted(source.address),
                   ", ", option, "PORT = ", source.port, ", ", option,
                   "USER = ", session_.quoted(credentials_.replication_user), ", ", option,
                   "PASSWORD = ", password, ", ", words_->change_options);
    };
    session_.execute("STOP REPLICA");
    session_.execute(statement(session_.quoted(credentials_.replication_password)),
                     statement("'***'"));
    session_.execute("START REPLICA");
}

void Database::kill_receiver() {
    for (const auto& thread : session_.rows(words_->receivers)) end_thread(thread["id"]);
}

void Database::stop_receiver() { session_.execute("STOP REPLICA IO_THREAD"); }

void Database::stop_applier() { session_.execute("STOP REPLICA SQL_THREAD"); }

void Database::start_applier() { session_.execute("START REPLICA SQL_THREAD"); }

bool Database::wait_applied(const std::string& position, Milliseconds wait) {
    if (position.empty()) return true;
    // A wait of nothing would be one without end on one of the servers.
    const auto seconds = double(std::max<long>(1, long(wait.count()))) / 1000;
    return session_.value(cat("SELECT ", words_->wait_applied, '(', session_.quoted(position), ", ",
                              seconds, ')')) == "0";
}

void Database::write_marker(const std::string& node, const std::string& life) {
    session_.execute("CREATE DATABASE IF NOT EXISTS duet");
    session_.execute("CREATE TABLE IF NOT EXISTS duet.marker (node VARCHAR(255) PRIMARY KEY,"
                     " life VARCHAR(64) NOT NULL, written TIMESTAMP(3) NOT NULL) ENGINE = InnoDB");
    session_.execute(cat("REPLACE INTO duet.marker VALUES (", session_.quoted(node), ", ",
                         session_.quoted(life), ", NOW(3))"));
}

std::string Database::binlog_state() {
    return session_.value("SELECT @@gtid_binlog_state").value_or("");
}

void Database::forget_source() {
    session_.execute("STOP REPLICA");
    session_.execute("RESET REPLICA ALL");
}

void Database::begin_history(const std::string& state, const std::string& position) {
    session_.execute("RESET MASTER");
    // The transactions before the backup are this server's, too: without them it would later tell the
    // other one that it does not know them.
    session_.execute(cat("SET GLOBAL gtid_binlog_state = ", session_.quoted(state)));
    session_.execute(cat("SET GLOBAL gtid_slave_pos = ", session_.quoted(position)));
}

LoggedSet Database::logged(const GtidSet& set) {
    LoggedSet found{set, {}};
    const auto base = session_.value("SELECT @@log_bin_basename").value_or("");
    const auto folder = base.substr(0, base.rfind('/') + 1);
    const auto logs = session_.rows("SHOW BINARY LOGS");
    for (auto log = logs.rbegin(); log != logs.rend(); ++log) {
        const auto name = (*log)["Log_name"];
        found.files.insert(found.files.begin(), folder + name);
        std::optional<GtidSet> before;
        for (const auto& event :
             session_.rows(cat("SHOW BINLOG EVENTS IN ", session_.quoted(name), " LIMIT 2")))
            if (event["Event_type"] == "Previous_gtids")
                before = parse_gtid_set(one_line(event["Info"]));
        if (!before)
            throw Failure(Exit::generic, cat("the binary log ", name, " does not say what is before it"));
        found.set = subtract(set, *before);
        if (covers(found.set, set)) break;
    }
    return found;
}

void Database::set_events(bool active) {
    if (!active) {
        session_.execute("SET GLOBAL event_scheduler = OFF");
        return;
    }
    const auto events = session_.rows(
        "SELECT event_schema AS place, event_name AS name, definer AS definer, status AS status"
        " FROM information_schema.events");
    // Each server enables its own copy; in the binary log it would undo the other's.
    session_.execute("SET SESSION sql_log_bin = 0");
    for (const auto& event : events) {
        if (!event["status"].ends_with("SIDE_DISABLED")) continue;
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
