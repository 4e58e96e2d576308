// SPDX-License-Identifier: GPL-2.0-or-later
// What the agent asks of a running server and tells it; the server's own words are in dialect.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clock.hpp"
#include "dialect.hpp"
#include "gtid.hpp"
#include "peers.hpp"
#include "policy.hpp"
#include "settings_policy.hpp"
#include "sql.hpp"

namespace duet::mysql {

struct Credentials {
    std::string user, password;                          // the agent's own, over the unix socket
    std::string replication_user, replication_password;  // what the receiver logs in with
};
// From the groups [client] and [replication] of an option file. Throws Failure(args) naming what
// is missing or that the file's mode is too open.
Credentials read_credentials(const std::string& path);

struct DatabaseView {
    bool open = false;    // clients may write
    bool closed = false;  // nobody may, administrators included where the server knows such a lock
    bool semi_sync_source = false;
    bool semi_sync_replica = false;
    std::string binlog_position;   // everything in this server's binary log
    std::string applied_position;  // everything applied from the other server
    int semi_sync_replicas = 0;    // connected now
    int waiting_commits = 0;       // sessions that wait for an acknowledgement
    bool channel = false;          // a replication source is configured
    std::string source_host, source_user;
    int source_port = 0;
    Receiver receiver = Receiver::stopped;
    int receiver_errno = 0;
    std::string receiver_error;
    std::string received_position;
    bool applier_runs = false;
    int applier_errno = 0;
    std::string applier_error;
    bool diverged = false;  // one of the two errors says that the source has another history
    std::optional<Milliseconds> delay;  // how far the applier is behind the source's clock
};

// Where a running server writes, and how else it can be reached.
struct Places {
    int extra_port = 0;              // 0: none
    std::string temporary;           // folders, colon-separated
    std::vector<std::string> files;  // full paths of its logs, when outside the data directory
};

struct LoggedSet {
    GtidSet set;
    std::vector<std::string> files;  // oldest first
};

class Database {
  public:
    // `socket`: the path of a unix socket, or the number of a port of 127.0.0.1. Throws SqlError, and
    // Failure(installed) for a server that is too old.
    Database(const std::string& socket, const Credentials& credentials,
             std::chrono::seconds timeout);

    DatabaseView look();
    const Dialect& dialect() const { return *words_; }
    // GTIDs or user tables: what a freshly installed server has neither of.
    bool has_data();

    void set_semi_sync_replica();
    // On means: every commit waits until a replica has received it, without a time-out and also
    // while none is connected.
    void set_waiting(bool on);
    void open();
    // One bounded attempt; false when a lock or a waiting commit is in the way.
    bool try_close(std::chrono::seconds lock_wait);
    // Ends every connection but replication's and the agent's; returns how many there were.
    // `committing`: also those that are about to commit. Only for a closed server, on which none is:
    // who is killed leads a group of commits through its wait for the standby, and ends that wait for
    // the others, who are then told OK (10.11.19, tests/kernel/mysql_health_test.cpp).
    int end_clients(bool committing);

    const std::string& replication_user() const { return credentials_.replication_user; }
    void start_receiver(const Peer& source);
    // Waits until it has ended, and it takes leave of its source first, over a connection of its own:
    // 1 to 2 s when that is dead, more than 2 when it is silent (10.11.19).
    void stop_receiver();
    // It reads no more; for a source that is known to be dead.
    void kill_receiver();
    void stop_applier();
    void start_applier();
    // True when everything in `position` is applied before `wait` is over.
    bool wait_applied(const std::string& position, Milliseconds wait);

    // A transaction of the agent's own; returns when it is committed, which while commits wait
    // means: received by the standby. Throws SqlError when that takes longer than the timeout.
    void write_marker(const std::string& node, const std::string& life);

    // Of each domain and server the last transaction in the binary log.
    std::string binlog_state();
    // What a server that was seeded has of the donor's own replication.
    void forget_source();
    // A server that was seeded by a backup begins its own binary log where the donor's was: `state`
    // as binlog_state() of the donor, `position` that of the backup.
    void begin_history(const std::string& state, const std::string& position);

    // Of `set` what MySQL's binary logs still have, and the files that have it.
    LoggedSet logged(const GtidSet& set);

    // Scheduled events run where the role is: enables those that replication left disabled here,
    // and stops the scheduler on a server that gives the role up.
    void set_events(bool active);

    // ---- database_probe.cpp ----
    // A committed write that is not replicated and waits neither for the standby nor for a lock.
    // Returns why the server, which is able to write, refused this one: 1205 for a lock. Throws
    // SqlError when it is not able to write or does not answer.
    std::optional<SqlError> probe_write();
    void flush_log();
    bool is_open();
    Places places();

    // ---- database_settings.cpp ----
    // What level 10 checks, as far as this server knows it.
    Settings settings();

    // ---- database_clone.cpp ----
    // It takes connections over TLS.
    bool serves_tls();
    // Fetches all data of `source` into `folder`, which must not exist, at most `rate` MiB a second
    // (0: no limit). As long as the session's timeout lets it. Throws SqlError, Failure.
    void clone(const Peer& source, bool tls, int rate, const std::string& folder);
    // Of the clone that is under way, a number that grows; nothing when none is.
    std::optional<std::string> clone_progress();
    // Also of a session that has gone: the server goes on without it.
    void end_clone(const Deadline& end);

  private:
    void read_accounts(Settings& settings);
    void end_thread(const std::string& id);

    SqlSession session_;
    Credentials credentials_;
    const Dialect* words_;
};

}  // namespace duet::mysql
