// SPDX-License-Identifier: GPL-2.0-or-later
#include "manager.hpp"

#include "agent.hpp"
#include "cluster.hpp"

namespace duet::simulator {

namespace {

constexpr int monitor_every = 6;  // of the agent's turns

bool is_busy(const Server& server) {
    return server.queued != Kind::none ||
           (server.running != Kind::none && server.running != Kind::monitor);
}

void order(World& world, Node node, Kind kind) {
    static constexpr const char* names[] = {"none",       "probe",        "start",  "stop",
                                            "monitor",    "promote",      "demote", "before-stop",
                                            "after-stop", "after-promote"};
    world.tell("the cluster orders ", names[std::size_t(kind)], " on ", name(node));
    world.servers[node].queued = kind;
}

Task begin(World& world, Node node, Kind kind) {
    switch (kind) {
        case Kind::probe:
            return probe(world, node);
        case Kind::start:
            return start(world, node);
        case Kind::stop:
            return stop(world, node);
        case Kind::promote:
            return promote(world, node);
        case Kind::demote:
            return demote(world, node);
        case Kind::before_stop:
        case Kind::after_stop:
        case Kind::after_promote:
            return notify(world, node, kind);
        default:
            return monitor(world, node);
    }
}

void fail(World& world, Node node) {
    auto& server = world.servers[node];
    server.failed = true;
    if (!world.healing && world.random.one_in(2)) server.banned = true;
}

void notify_other(World& world, Node node, Kind kind) {
    auto& peer = world.servers[other(node)];
    if (!world.joined() || peer.role == Role::stopped || peer.queued != Kind::none) return;
    if (!is_busy(peer)) order(world, other(node), kind);
}

void end(World& world, Node node, bool good) {
    auto& server = world.servers[node];
    const auto kind = std::exchange(server.running, Kind::none);
    server.task = {};
    switch (kind) {
        case Kind::probe:
            server.probed = good;
            break;
        case Kind::start:
            server.role = Role::started;
            if (!good) fail(world, node);
            break;
        case Kind::stop:
            if (!good) break;  // tried again; Pacemaker would fence
            server.role = Role::stopped;
            server.failed = server.before_stop_told = false;
            notify_other(world, node, Kind::after_stop);
            break;
        case Kind::promote:
            server.role = Role::promoted;
            if (!good) fail(world, node);
            if (!good) break;
            notify_other(world, node, Kind::after_promote);
            if (server.queued == Kind::none) order(world, node, Kind::after_promote);
            break;
        case Kind::demote:
            server.role = Role::started;
            if (!good) fail(world, node);
            break;
        case Kind::monitor:
            if (!good || server.found_promoted != (server.role == Role::promoted)) {
                world.tell(name(node), "'s monitor fails");
                fail(world, node);
            }
            break;
        default:
            break;
    }
}

// Demoted, announced, stopped: one of them, in this order.
void wind_down(World& world, Node node, bool joined) {
    auto& server = world.servers[node];
    if (server.role == Role::promoted) return order(world, node, Kind::demote);
    auto& peer = world.servers[other(node)];
    if (joined && !server.before_stop_told && peer.role != Role::stopped) {
        if (is_busy(peer)) return;
        server.before_stop_told = true;
        return order(world, other(node), Kind::before_stop);
    }
    if (joined && (peer.queued == Kind::before_stop || peer.running == Kind::before_stop)) return;
    order(world, node, Kind::stop);
}

void manage_node(World& world, Node node, bool joined) {
    auto& server = world.servers[node];
    if (is_busy(server)) return;
    if (!server.probed) return order(world, node, Kind::probe);
    const bool unwanted = server.failed || server.banned || server.standby || server.leaving;
    if (server.role != Role::stopped && unwanted) return wind_down(world, node, joined);
    if (server.leaving) return leave_in_order(world, node);
    if (server.role == Role::stopped && !unwanted) order(world, node, Kind::start);
}

int score_of(const World& world, Node controller, Node node) {
    const auto& server = world.servers[node];
    const auto score = world.servers[controller].copy[std::size_t(node)].score;
    if (server.role == Role::stopped || !score || *score < 0) return -1;
    return world.move_to == node ? *score + 10'000 : *score;
}

void place_promoted(World& world, Node controller, bool joined) {
    Node best = -1;
    int active = 0;
    for (const Node node : {0, 1}) {
        if (node != controller && !joined) continue;
        active += world.servers[node].role == Role::promoted;
        const int score = score_of(world, controller, node);
        if (score < 0 || (best >= 0 && score <= score_of(world, controller, best))) continue;
        best = node;
    }
    if (best < 0) return;
    for (const Node node : {0, 1}) {
        if ((node != controller && !joined) || node == best) continue;
        auto& server = world.servers[node];
        if (server.running == Kind::promote || server.queued == Kind::promote) return;
        if (server.role != Role::promoted) continue;
        if (!is_busy(server)) order(world, node, Kind::demote);
        return;
    }
    // All starts come first, but for what a change of the controller leaves under way.
    const auto& peer = world.servers[other(best)];
    const bool starting = peer.queued == Kind::start || peer.running == Kind::start;
    if (joined && starting && !world.random.one_in(50)) return;
    auto& server = world.servers[best];
    if (server.role == Role::started && !is_busy(server) && !server.failed && active == 0)
        order(world, best, Kind::promote);
}

}  // namespace

void manager_goes_on(World& world, Node controller) {
    auto& server = world.servers[controller];
    if (!server.cluster || !server.seen_all) return;
    const bool joined = world.joined();
    if (joined && controller != 0) return;
    if (server.member && !joined) return;  // the membership changes just now
    bool blocked = false;
    if (!joined && world.setup.fencing && !server.certified) {
        blocked = true;
        auto& request = world.fencing[std::size_t(controller)];
        if (!request.wanted) {
            request = {true, false};
            world.tell(name(controller), " has ", name(other(controller)), " fenced");
        }
    }
    manage_node(world, controller, joined);
    if (joined) manage_node(world, other(controller), joined);
    if (!blocked) place_promoted(world, controller, joined);
}

void agent_goes_on(World& world, Node node) {
    auto& server = world.servers[node];
    if (!server.cluster) return;
    if (server.running == Kind::none) {
        auto kind = std::exchange(server.queued, Kind::none);
        if (kind == Kind::none) kind = Kind::monitor;
        if (kind == Kind::monitor && (server.role == Role::stopped || server.failed)) return;
        if (kind == Kind::monitor && !world.random.one_in(monitor_every)) return;
        server.running = kind;
        server.pauses = 0;
        server.task = begin(world, node, kind);
        server.place = server.task.handle();
        return;
    }
    if (!server.task.handle()) return end(world, node, false);
    server.place.resume();
    if (!server.task.runs()) end(world, node, !server.task.failed());
}

}  // namespace duet::simulator
