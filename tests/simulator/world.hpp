// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that exists in the model: two servers with their agents, a ring, a database link, a
// cluster manager and fence devices. Plain values; who changes them is in the other files.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "policy.hpp"
#include "random.hpp"
#include "rules.hpp"
#include "task.hpp"

namespace duet::simulator {

using Node = int;  // 0 is A, 1 is B
constexpr Node other(Node node) {
    return 1 - node;
}

// Transactions, one bit each. A later one has a higher number, on whichever server it was written.
using Set = std::uint64_t;
constexpr int most_transactions = 64;
constexpr Set bit(int transaction) {
    return Set(1) << transaction;
}
constexpr Set lowest(Set set) {
    return set & (~set + 1);
}

// ---- the databases ----

enum class Stage : std::uint8_t { idle, executing, logged, passed };

// A client, or the agent with its marker.
struct Session {
    Stage stage = Stage::idle;
    int transaction = 0;
    bool waits = false;      // semi-synchronous replication was on when it came by
    bool listening = false;  // somebody will be told OK
};

struct Database {
    bool runs = false, answers = false, open = false;
    int process = 0;       // another number for each start
    bool waiting = false;  // semi-synchronous source without time-out
    bool sees_replica = false;
    Set log = 0;           // binary log, synced
    Set engine = 0;        // committed in the engine
    Set durable = 0;       // ... and on the disk; the rest looks prepared after a crash
    Set relay = 0;         // received and not applied; gone with the process and the receiver
    Set acknowledged = 0;  // by the replica, known here
    Set acks_on_way = 0;
    mysql::Receiver receiver = mysql::Receiver::stopped;
    bool channel = false, applier = false, diverged = false;
    std::array<Session, 3> sessions{};  // the last one is the agent's
};

// ---- the cluster ----

enum class State : std::uint8_t { none, starting, promoting, stopped, other };
enum class Field : std::uint8_t { claim, life, grant, state, score, final_position, force, everything };

struct GrantValue {
    bool present = false, revoked = false;
    mysql::Epoch epoch;
    int life = 0, sequence = 0;
};

struct Attributes {
    std::optional<mysql::Claim> claim;
    int life = 0;
    GrantValue grant;
    State state = State::none;
    std::optional<int> score;
    std::optional<Set> final_position;
    int final_epoch = 0;
    std::optional<int> force;
};

// An attribute on its way to one node's copy of the cluster.
struct Message {
    Node about = 0;
    Field field = Field::claim;
    Attributes value;
    int number = 0;
};

// What the agent keeps in /run: until the node is booted.
struct Notes {
    int life = 0, life_process = 0;
    int promoted_process = 0;
    std::optional<mysql::Claim> claim;
    int claim_daemon = 0;
    int ungranted = 0;  // the epoch in which no grant was given yet
    int revocation = 0, marked = 0, leaving = 0, leaving_looks = 0, settled = 0, granted_life = 0;
    GrantValue grant;
};

// What the agent wrote last to this attrd: the same value is not written again.
struct Written {
    int daemon = 0;
    std::optional<mysql::Claim> claim;
    std::optional<State> state;
    std::optional<int> score, life;
    std::optional<Set> final_position;
};

// Beside the data: for ever.
struct Record {
    mysql::Epoch own, peer_seen;
};

enum class Kind : std::uint8_t {
    none,
    probe,
    start,
    stop,
    monitor,
    promote,
    demote,
    before_stop,
    after_stop,
    after_promote
};
enum class Role : std::uint8_t { stopped, started, promoted };

// A node with its power, its cluster daemons and its agent.
struct Server {
    bool powered = true;
    bool cluster = true;
    bool probed = true;
    bool seen_all = true;    // wait_for_all
    bool member = true;      // the other one, as this one sees it
    bool certified = false;  // the other one: fenced, or left in good order
    bool left_in_order = false;
    int daemon = 1;     // of attrd
    bool held = false;  // what arrives is not in the copy yet
    std::array<Attributes, 2> copy{};
    std::array<std::vector<Message>, 2> inbox;  // by sender
    Notes notes;
    Written written;
    Record record;

    // The cluster manager's side.
    Role role = Role::stopped;
    bool failed = false, banned = false, standby = false, leaving = false;
    Kind queued = Kind::none;
    bool before_stop_told = false;

    Kind running = Kind::none;
    Task task;
    std::coroutine_handle<> place;
    int pauses = 0;               // of the action
    bool found_promoted = false;  // what the last monitor answered
};

struct FenceRequest {
    bool wanted = false, done = false;  // done: its success is on the way to who asked
};

struct World {
    World(std::uint64_t seed, Setup setup_, Broken broken_)
        : random(seed), setup(setup_), broken(broken_) {}
    World(const World&) = delete;

    Random random;
    Setup setup;
    Broken broken;
    std::array<Server, 2> servers;
    std::array<Database, 2> databases;
    bool ring = true, link = true;
    bool ordered = false;  // both copies get all messages in one order, as corosync promises
    std::array<FenceRequest, 2> fencing;  // by who asked
    int move_to = -1;                     // the administrator's wish
    bool healing = false;

    Set attempted = 0, acknowledged = 0;
    bool forced = false;  // a person said which server goes on
    int transactions = 0, processes = 0, words = 0, messages = 0;
    int opened_epoch = 0;
    Node opened_by = 0;
    int step = 0;
    bool exhausted = false;  // there are no transactions left
    std::string violation;   // the first one

    std::vector<std::string>* trace = nullptr;

    bool joined() const { return servers[0].member && servers[1].member && ring; }
    int new_word() { return ++words; }
    bool is_broken(Broken rule) const { return broken == rule; }

    template <typename... Parts>
    void tell(const Parts&... parts) {
        if (!trace) return;
        std::ostringstream line;
        line << step << ": ";
        (line << ... << parts);
        trace->push_back(line.str());
    }
};

constexpr const char* name(Node node) {
    return node == 0 ? "A" : "B";
}
std::string to_text(Set set);

}  // namespace duet::simulator
