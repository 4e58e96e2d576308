// SPDX-License-Identifier: GPL-2.0-or-later
// The words in which the servers differ. The words master and slave stand in this table alone:
// they are one server's syntax.
#pragma once

#include <string>

namespace duet::mysql {

struct Dialect {
    const char* server;    // its name, for sentences
    const char* set_up;    // what makes a data directory
    // Command line of a server that nobody may write to and that follows nobody. Ends with nullptr.
    const char* const* closed_options;
    // Where recovery can cut the tail that the engine had not committed: "...=" and the two roles.
    const char* recovery_option;
    const char *recovery_source, *recovery_replica;
    bool cuts_tail;        // a superseded server's recovery cuts it; else it is compared instead
    bool clones;           // it is seeded by its own CLONE; else by a backup that is sent to it

    // One row with the columns open, closed, source, replica, written, applied. Closed: nobody at all
    // may write, as far as the server can tell; open: everybody may.
    const char* variables;
    const char *clients_status, *waiting_status;
    const char* has_data;

    const char* replica_on;  // semi-synchronous, as the one who acknowledges
    const char* wait_always;  // without a time-out, and also while nobody is connected
    const char *waiting_on, *waiting_off;
    const char* close;

    // Of SHOW REPLICA STATUS.
    const char *source_host, *source_user, *source_port, *receiver, *applier, *received, *delay;
    // Error numbers of a receiver or an applier that say: its history is not the source's.
    int receiver_diverged, applier_diverged;

    const char* change_source;   // up to the first option
    const char* option;          // with which the names of the options begin
    const char* change_options;  // the ones without a value of the site's

    const char* receivers;  // the threads' ids
    const char* clients;    // everybody's but replication's and the asker's
    const char* not_committing;  // a condition on columns of those: not about to commit
    const char* wait_applied;  // a function of position and seconds; 0: reached
    int least_lock_wait;       // seconds; the shortest time that a write can be told to wait

    // One row with the columns extra, temporary, binlog, relay, redo.
    const char* places;

    // ---- what check level 10 asks ----
    const char* settings;  // names of variables, as a list
    const char *source_id, *followers;  // column of SHOW REPLICA STATUS; statement with Server_Id
    const char* appliers;  // how many threads apply
    // Its read-only mode has holes, and the tables of accounts say for whom.
    bool read_only_has_holes;
};

// `version` as the handshake, VERSION() and --version have it. Throws Failure(installed) for a
// server that is too old.
const Dialect& dialect_of(const std::string& version);
// What "--version" prints.
const Dialect& dialect_of_program(const std::string& printed);

}  // namespace duet::mysql
