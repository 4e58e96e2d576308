// SPDX-License-Identifier: GPL-2.0-or-later
#include "database.hpp"

#include "checks.hpp"

namespace duet::simulator {

namespace {

// Clients leave room for the agents' markers.
constexpr int most_by_clients = 40;

void log_transaction(World& world, Node node, Session& session) {
    auto& database = world.databases[node];
    if (world.transactions == most_transactions) {
        world.exhausted = true;
        return;
    }
    session.transaction = world.transactions++;
    session.stage = Stage::logged;
    session.waits = database.waiting;
    database.log |= bit(session.transaction);
    world.attempted |= bit(session.transaction);
    world.tell(name(node), " logs transaction ", session.transaction,
               session.waits ? "" : ", not waiting");
}

bool may_pass(const Database& database, const Session& session) {
    return !session.waits || !database.waiting ||
           (database.acknowledged >> session.transaction) != 0;
}

void commit(World& world, Node node, Session& session) {
    auto& database = world.databases[node];
    database.engine |= bit(session.transaction);
    session.stage = Stage::idle;
    if (!session.listening) return;
    world.tell(name(node), " tells its client OK for transaction ", session.transaction);
    check_acknowledgement(world, node, bit(session.transaction));
}

void go_on(World& world, Node node, Session& session) {
    switch (session.stage) {
        case Stage::idle:
            break;
        case Stage::executing:
            log_transaction(world, node, session);
            break;
        case Stage::logged:
            if (may_pass(world.databases[node], session)) session.stage = Stage::passed;
            break;
        case Stage::passed:
            commit(world, node, session);
            break;
    }
}

bool reaches(const World& world, Node replica) {
    const auto& source = world.databases[other(replica)];
    return world.link && source.runs && source.answers;
}

}  // namespace

void client_goes_on(World& world, Node node) {
    auto& database = world.databases[node];
    if (!database.runs || !database.answers) return;
    const int which = world.random.below(int(database.sessions.size()));
    auto& session = database.sessions[std::size_t(which)];
    if (session.stage != Stage::idle) return go_on(world, node, session);
    const int most = world.healing ? most_by_clients + 4 : most_by_clients;
    if (which == agents_session || !database.open || world.transactions >= most) return;
    session = {};
    session.stage = Stage::executing;
    session.listening = true;
}

void engine_flushes(World& world, Node node) {
    auto& database = world.databases[node];
    if (database.runs) database.durable = database.engine;
}

void server_answers(World& world, Node node) {
    auto& database = world.databases[node];
    if (database.runs) database.answers = true;
}

void event_is_received(World& world, Node replica) {
    auto& database = world.databases[replica];
    auto& source = world.databases[other(replica)];
    if (database.receiver != mysql::Receiver::running || !reaches(world, replica) ||
        !source.sees_replica)
        return;
    const Set next = lowest(source.log & ~(database.log | database.relay));
    if (!next) return;
    database.relay |= next;
    source.acks_on_way |= next;
}

void event_is_applied(World& world, Node replica) {
    auto& database = world.databases[replica];
    if (!database.runs || !database.answers || !database.applier || database.open) return;
    const Set next = lowest(database.relay);
    database.log |= next;
    database.engine |= next;
    database.relay &= ~next;
}

void acknowledgements_arrive(World& world, Node source) {
    auto& database = world.databases[source];
    if (!world.link || !database.runs) return;
    database.acknowledged |= database.acks_on_way;
    database.acks_on_way = 0;
}

void receiver_connects(World& world, Node replica) {
    auto& database = world.databases[replica];
    auto& source = world.databases[other(replica)];
    if (database.receiver != mysql::Receiver::connecting || !database.answers ||
        !reaches(world, replica))
        return;
    if ((database.log | database.relay) & ~source.log) {
        database.diverged = true;
        database.receiver = mysql::Receiver::stopped;
        world.tell(name(replica),
                   " has diverged: ", to_text((database.log | database.relay) & ~source.log));
        return;
    }
    database.receiver = mysql::Receiver::running;
    source.sees_replica = true;
}

// Each side notices for itself that its connection is gone.
void connection_loss_is_noticed(World& world, Node node) {
    auto& database = world.databases[node];
    const auto& peer = world.databases[other(node)];
    if (database.receiver == mysql::Receiver::running &&
        (!reaches(world, node) || !peer.sees_replica))
        database.receiver = mysql::Receiver::connecting;
    if (peer.receiver != mysql::Receiver::running || !world.link) database.sees_replica = false;
}

void start_database(World& world, Node node, mysql::RecoveryRole role) {
    auto& database = world.databases[node];
    database.runs = true;
    database.answers = false;
    database.process = ++world.processes;
    const Set tail = database.log & ~database.durable;
    if (role == mysql::RecoveryRole::replica && world.setup.truncates && tail) {
        world.tell(name(node), " cuts off ", to_text(tail));
        check_truncation(world, node, tail);
        database.log = database.durable;
    }
    database.engine = database.durable = database.log;
    world.tell(name(node), " starts mysqld as ",
               role == mysql::RecoveryRole::replica ? "replica" : "source");
}

void crash_database(World& world, Node node) {
    auto& database = world.databases[node];
    if (!database.runs) return;
    const Database before = database;
    database = {};
    database.log = before.log;
    database.durable = before.durable;
    database.channel = before.channel;
}

// Sessions that wait for an acknowledgement are told OK by a clean shutdown (MySQL; that the agent
// never does it to them is what the model is to show).
void shut_down_cleanly(World& world, Node node) {
    auto& database = world.databases[node];
    for (auto& session : database.sessions)
        if (session.stage == Stage::logged || session.stage == Stage::passed)
            commit(world, node, session);
    database.engine = database.durable = database.log;
    crash_database(world, node);
}

bool try_close(World& world, Node node) {
    auto& database = world.databases[node];
    for (const auto& session : database.sessions)
        if (session.stage == Stage::logged || session.stage == Stage::passed) return false;
    for (auto& session : database.sessions) session = {};
    database.open = false;
    return true;
}

void end_clients(World& world, Node node) {
    for (auto& session : world.databases[node].sessions) {
        session.listening = false;
        if (session.stage == Stage::executing) session = {};
    }
}

void open_database(World& world, Node node) {
    world.databases[node].open = true;
    world.tell(name(node), " opens with epoch ", mysql::to_text(world.servers[node].record.own),
               world.databases[node].waiting ? "" : ", alone");
    check_opening(world, node);
}

void set_waiting(World& world, Node node, bool on) {
    world.databases[node].waiting = on;
    world.tell(name(node), on ? ": commits wait" : ": commits do not wait");
}

void start_receiver(World& world, Node node) {
    auto& database = world.databases[node];
    if (database.relay) world.tell(name(node), " throws away ", to_text(database.relay));
    database.relay = 0;
    database.channel = database.applier = true;
    database.diverged = false;
    database.receiver = mysql::Receiver::connecting;
}

void stop_receiver(World& world, Node node) {
    world.databases[node].receiver = mysql::Receiver::stopped;
    world.tell(name(node), " stops its receiver");
}

void write_marker(World& world, Node node) {
    auto& session = world.databases[node].sessions[agents_session];
    session = {};
    session.stage = Stage::executing;
}

bool is_marker_committed(const World& world, Node node) {
    return world.databases[node].sessions[agents_session].stage == Stage::idle;
}

bool has_waiting_commits(const World& world, Node node) {
    for (const auto& session : world.databases[node].sessions)
        if (session.stage == Stage::logged) return true;
    return false;
}

}  // namespace duet::simulator
