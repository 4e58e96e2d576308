// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster.hpp"

#include "database.hpp"

namespace duet::simulator {

namespace {

void apply(Attributes& to, Field field, const Attributes& value) {
    switch (field) {
        case Field::claim:
            to.claim = value.claim;
            break;
        case Field::life:
            to.life = value.life;
            break;
        case Field::grant:
            to.grant = value.grant;
            break;
        case Field::state:
            to.state = value.state;
            break;
        case Field::score:
            to.score = value.score;
            break;
        case Field::final_position:
            to.final_position = value.final_position;
            to.final_epoch = value.final_epoch;
            break;
        case Field::force:
            to.force = value.force;
            break;
        case Field::everything:
            to = value;
            break;
    }
}

void leave(World& world, Node node) {
    auto& server = world.servers[node];
    kill_agent(world, node);
    server.running = Kind::none;
    server.cluster = server.probed = server.member = server.certified = server.seen_all = false;
    server.held = false;
    server.copy = {};
    for (auto& inbox : server.inbox) inbox.clear();
    server.role = Role::stopped;
    server.failed = server.leaving = server.before_stop_told = false;
    server.queued = Kind::none;
}

// A node's own values count; what the other wrote about it meanwhile only where it has none. The
// grant is settled while the two join, the rest follows: so a member may not have spoken yet.
void exchange(World& world, Node node) {
    auto& server = world.servers[node];
    auto& peer = world.servers[other(node)];
    auto& own = server.copy[std::size_t(node)];
    auto& theirs = peer.copy[std::size_t(node)];
    (own.grant.present ? theirs : own).grant = (own.grant.present ? own : theirs).grant;
    auto& way = peer.inbox[std::size_t(node)];
    for (const auto field :
         {Field::claim, Field::life, Field::state, Field::score, Field::final_position,
          Field::force})
        way.push_back({node, field, own, ++world.messages});
    for (const auto& message : server.inbox[std::size_t(node)]) way.push_back(message);
}

}  // namespace

void publish(World& world, Node writer, Node about, Field field, const Attributes& value) {
    auto& server = world.servers[writer];
    if (!server.cluster) return;
    const Message message{about, field, value, ++world.messages};
    server.inbox[std::size_t(writer)].push_back(message);
    if (server.member && world.servers[other(writer)].member)
        world.servers[other(writer)].inbox[std::size_t(writer)].push_back(message);
}

const Attributes* peers_copy(const World& world, Node asker) {
    const Node peer = other(asker);
    const auto& server = world.servers[peer];
    if (!world.joined() || !server.cluster || !server.powered) return nullptr;
    return &server.copy[std::size_t(peer)];
}

void message_arrives(World& world, Node from, Node to) {
    auto& server = world.servers[to];
    auto& inbox = server.inbox[std::size_t(from)];
    if (inbox.empty() || !server.cluster || server.held) return;
    if (from != to && !world.ring) return;
    const auto& rest = server.inbox[std::size_t(other(from))];
    if (world.ordered && !rest.empty() && rest.front().number < inbox.front().number) return;
    const auto& message = inbox.front();
    apply(server.copy[std::size_t(message.about)], message.field, message.value);
    if (message.field == Field::grant)
        world.tell(name(to), "'s copy shows ", name(message.about), "'s grant ",
                   message.value.grant.revoked ? "revoked" : "given", " (word ",
                   message.value.grant.sequence, ")");
    inbox.erase(inbox.begin());
}

void loss_is_noticed(World& world, Node viewer) {
    auto& server = world.servers[viewer];
    const auto& peer = world.servers[other(viewer)];
    auto& inbox = server.inbox[std::size_t(other(viewer))];
    if (!server.member) return;
    if (world.ring && peer.cluster && peer.member) return;
    // A node that leaves in order says all it has to say before.
    if (peer.left_in_order && world.ring && !inbox.empty()) return;
    server.member = false;
    server.certified = peer.left_in_order && world.ring;
    server.copy[std::size_t(other(viewer))] = {};
    inbox.clear();
    world.tell(name(viewer), " sees that ", name(other(viewer)), " is gone",
               server.certified ? " in good order" : "");
}

void rings_join(World& world) {
    auto& [a, b] = world.servers;
    if (!world.ring || !a.cluster || !b.cluster || a.member || b.member) return;
    for (auto* server : {&a, &b}) {
        server->member = server->seen_all = true;
        server->certified = server->left_in_order = false;
    }
    for (const Node node : {0, 1}) world.servers[node].inbox[std::size_t(other(node))].clear();
    exchange(world, 0);
    exchange(world, 1);
    world.tell("A and B are one cluster");
}

void fencing_goes_on(World& world, Node asker) {
    auto& request = world.fencing[std::size_t(asker)];
    auto& server = world.servers[asker];
    if (!request.wanted) return;
    const Node victim = other(asker);
    if (!request.done) {
        world.tell(name(asker), "'s fencing of ", name(victim), " works");
        cut_power(world, victim);
        request.done = true;
        return;
    }
    request = {};
    if (!server.cluster) return;
    if (server.member) loss_is_noticed(world, asker);
    if (!server.member) server.certified = true;
    world.tell(name(asker), " is told that ", name(victim), " was fenced");
}

void node_boots(World& world, Node node) {
    auto& server = world.servers[node];
    if (server.cluster) return;
    server.powered = server.cluster = true;
    ++server.daemon;
    world.tell(name(node), " starts its cluster");
}

void cut_power(World& world, Node node) {
    auto& server = world.servers[node];
    if (!server.powered) return;
    world.tell(name(node), " loses its power");
    crash_database(world, node);
    leave(world, node);
    server.powered = server.left_in_order = server.banned = false;
    server.notes = {};
}

void kill_agent(World& world, Node node) {
    auto& server = world.servers[node];
    if (server.running != Kind::none) world.tell(name(node), "'s agent ends in mid-action");
    server.task = {};
    server.place = {};
}

void restart_attrd(World& world, Node node) {
    auto& server = world.servers[node];
    if (!server.cluster) return;
    world.tell(name(node), "'s attrd restarts");
    ++server.daemon;
    std::erase_if(server.inbox[std::size_t(node)],
                  [&](const Message& message) { return message.about == node; });
    server.copy[std::size_t(node)] = {};
    if (!server.member || !world.servers[other(node)].member) return;
    auto& way = world.servers[other(node)].inbox[std::size_t(node)];
    way.push_back({node, Field::everything, {}, ++world.messages});
}

void leave_in_order(World& world, Node node) {
    world.tell(name(node), " stops its cluster in good order");
    const bool seen = world.joined();
    leave(world, node);
    world.servers[node].left_in_order = seen;
}

}  // namespace duet::simulator
