// SPDX-License-Identifier: GPL-2.0-or-later
#include "faults.hpp"

#include <algorithm>
#include <array>

#include "cluster.hpp"
#include "database.hpp"

namespace duet::simulator {

namespace {

constexpr int widest_window = 500;  // steps in which faults begin; half of the plans are denser

// What is drawn when something goes wrong; some stand twice because they open more windows.
constexpr std::array drawn{
    Fault::power_of_one, Fault::power_of_one,    Fault::power_of_both, Fault::kill_mysqld,
    Fault::kill_mysqld,  Fault::cut_ring,        Fault::cut_ring,      Fault::cut_link,
    Fault::cut_link,     Fault::cut_both,        Fault::heal_network,  Fault::heal_network,
    Fault::fence,        Fault::kill_agent,      Fault::kill_agent,    Fault::restart_attrd,
    Fault::standby,      Fault::no_standby,      Fault::stop_cluster,  Fault::move,
    Fault::move,         Fault::forget_failures, Fault::force,
};

void kill_mysqld(World& world, Node node) {
    if (!world.databases[node].runs) return;
    world.tell(name(node), "'s mysqld is killed");
    crash_database(world, node);
}

void fence(World& world, Node node) {
    auto& request = world.fencing[std::size_t(node)];
    if (world.setup.fencing && world.servers[node].cluster && !request.wanted) {
        request = {true, false};
        world.tell(name(node), " has ", name(other(node)), " fenced, by hand");
    }
}

// The person has looked: the other server is off.
void force(World& world, Node node) {
    const auto& server = world.servers[node];
    if (!server.cluster || world.servers[other(node)].cluster) return;
    Attributes value;
    value.force = std::max(server.record.own.number, server.record.peer_seen.number);
    world.tell("a person forces ", name(node), " over epoch ", *value.force);
    publish(world, node, node, Field::force, value);
}

}  // namespace

// Much depends on what happens to a move of the role, so some plans begin with one and a cut.
Plan plan_faults(std::uint64_t seed) {
    Random random(seed ^ 0x5eed5eed5eed5eedu);
    Plan plan;
    plan.count = 1 + random.below(int(plan.faults.size()));
    const int window = random.one_in(2) ? 40 + random.below(160) : 60 + random.below(widest_window);
    for (int i = 0; i < plan.count; ++i)
        plan.faults[std::size_t(i)] = {random.below(window),
                                       drawn[std::size_t(random.below(int(drawn.size())))],
                                       random.below(2)};
    if (plan.count >= 2 && random.one_in(4)) {
        const int begin = random.below(40);
        plan.faults[0] = {begin, Fault::move, random.below(2)};
        plan.faults[1] = {begin + random.below(300), Fault::cut_ring, 0};
    }
    std::sort(plan.faults.begin(), plan.faults.begin() + plan.count,
              [](const auto& a, const auto& b) { return a.step < b.step; });
    return plan;
}

void happen(World& world, const PlannedFault& planned) {
    const Node node = planned.node;
    auto& server = world.servers[node];
    switch (planned.fault) {
        case Fault::power_of_both:
            cut_power(world, other(node));
            [[fallthrough]];
        case Fault::power_of_one:
            cut_power(world, node);
            break;
        case Fault::kill_mysqld:
            kill_mysqld(world, node);
            break;
        case Fault::cut_both:
            world.link = false;
            [[fallthrough]];
        case Fault::cut_ring:
            world.ring = false;
            world.tell("the ring is cut", world.link ? "" : ", and the database link");
            break;
        case Fault::cut_link:
            world.link = false;
            world.tell("the database link is cut");
            break;
        case Fault::heal_network:
            world.ring = world.link = true;
            world.tell("the network is whole");
            break;
        case Fault::fence:
            fence(world, node);
            break;
        case Fault::kill_agent:
            kill_agent(world, node);
            break;
        case Fault::restart_attrd:
            restart_attrd(world, node);
            break;
        case Fault::standby:
            server.standby = true;
            world.tell(name(node), " is put into standby");
            break;
        case Fault::no_standby:
            world.servers[0].standby = world.servers[1].standby = false;
            break;
        case Fault::stop_cluster:
            server.leaving = server.cluster;
            world.tell(name(node), "'s cluster is asked to stop");
            break;
        case Fault::move:
            world.move_to = node;
            world.tell("the role is asked to move to ", name(node));
            break;
        case Fault::forget_failures:
            world.servers[0].banned = world.servers[1].banned = false;
            break;
        case Fault::force:
            force(world, node);
            break;
        case Fault::hold_attributes:
        case Fault::deliver_attributes:
            server.held = planned.fault == Fault::hold_attributes;
            world.tell(name(node), "'s copy of the attributes ",
                       server.held ? "stands still" : "goes on");
            break;
    }
}

void boot_by_chance(World& world, Node node) {
    if (world.random.one_in(world.healing ? 2 : 8)) node_boots(world, node);
}

void heal(World& world) {
    world.tell("healing begins");
    world.healing = world.ring = world.link = true;
    world.move_to = -1;
    for (auto& server : world.servers) server.held = false;
    keep_healing(world);
}

void keep_healing(World& world) {
    for (auto& server : world.servers) server.standby = server.banned = false;
}

}  // namespace duet::simulator
