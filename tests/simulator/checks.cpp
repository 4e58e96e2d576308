// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks.hpp"

namespace duet::simulator {

namespace {

bool serves(const World& world, Node node) {
    const auto& database = world.databases[node];
    return world.servers[node].role == Role::promoted && database.runs && database.open;
}

bool is_granted_by(const World& world, Node active) {
    const Node standby = other(active);
    const auto& grant = world.servers[standby].copy[std::size_t(standby)].grant;
    return grant.present && !grant.revoked && grant.epoch.number == world.servers[active].record.own.number &&
           grant.life == world.servers[standby].notes.life && world.databases[active].waiting;
}

Set lost_to(const World& world, Node active) {
    const Set missing = world.acknowledged & ~world.databases[active].log;
    return world.forced ? missing & ~world.databases[other(active)].log : missing;
}

}  // namespace

std::string to_text(Set set) {
    std::string text = "{";
    for (int i = 0; i < most_transactions; ++i)
        if (set & bit(i)) text += (text.size() > 1 ? " " : "") + std::to_string(i);
    return text + "}";
}

void describe(World& world, Node node) {
    const auto& server = world.servers[node];
    const auto& database = world.databases[node];
    const auto& own = server.copy[std::size_t(node)];
    const auto grant = own.grant;
    world.tell(name(node), ": ", server.cluster ? "in the cluster" : "without cluster",
               server.member ? ", sees the other" : "", ", role ", int(server.role),
               server.failed ? ", failed" : "", ", queued ", int(server.queued), ", running ",
               int(server.running), "; own ", mysql::to_text(server.record.own), ", seen ",
               mysql::to_text(server.record.peer_seen),
               ", score ", own.score.value_or(-1), ", claim ", own.claim ? own.claim->epoch.number : -1,
               ", life ", server.notes.life, ", grant ",
               !grant.present  ? "none"
               : grant.revoked ? "revoked"
                               : "given",
               ' ', mysql::to_text(grant.epoch), ' ', grant.life, "; mysqld ", database.runs ? "runs" : "is down",
               database.open ? ", open" : "", database.waiting ? ", waits" : "",
               database.diverged ? ", diverged" : "", ", receiver ", int(database.receiver),
               ", log ", to_text(database.log), ", relay ", to_text(database.relay));
}

void violate(World& world, const std::string& sentence) {
    if (!world.violation.empty()) return;
    world.violation = sentence;
    describe(world, 0);
    describe(world, 1);
    world.tell("*** ", sentence);
}

void check_opening(World& world, Node node) {
    const Set missing = lost_to(world, node);
    if (missing)
        violate(world, std::string("I1: ") + name(node) + " opens without the acknowledged " +
                           to_text(missing));
    const int epoch = world.servers[node].record.own.number;
    if (epoch < world.opened_epoch) return;
    if (epoch == world.opened_epoch && node != world.opened_by)
        violate(world, "I1: both servers have opened with one epoch");
    world.opened_epoch = epoch;
    world.opened_by = node;
}

void check_acknowledgement(World& world, Node node, Set transaction) {
    world.acknowledged |= transaction;
    if (world.forced || node == world.opened_by || (world.databases[world.opened_by].log & transaction)) return;
    violate(world, std::string("I1: ") + name(node) + " acknowledges " + to_text(transaction) +
                       ", which " + name(world.opened_by) + ", promoted later, does not have");
}

void check_truncation(World& world, Node node, Set tail) {
    const Set lost = tail & world.acknowledged & ~world.databases[other(node)].log;
    if (lost)
        violate(world,
                std::string("I4: ") + name(node) + " cuts off the only copy of " + to_text(lost));
}

bool is_healed(const World& world) {
    for (const Node active : {0, 1}) {
        if (!serves(world, active)) continue;
        if (serves(world, other(active))) return false;
        const auto& standby = world.databases[other(active)];
        return standby.diverged || (is_granted_by(world, active) && !standby.relay &&
                                    standby.log == world.databases[active].log);
    }
    return false;
}

void check_end(World& world) {
    for (const Node active : {0, 1}) {
        if (!serves(world, active)) continue;
        const Set log = world.databases[active].log;
        if (const Set missing = lost_to(world, active))
            violate(world, "I1: at the end the active lacks the acknowledged " + to_text(missing));
        if (log & ~world.attempted) violate(world, "I2: the active has what nobody wrote");
        if (!is_healed(world)) violate(world, "I3: the standby is not granted again");
        return;
    }
    violate(world, "I3: no server is active although both are back");
}

}  // namespace duet::simulator
