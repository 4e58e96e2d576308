// SPDX-License-Identifier: GPL-2.0-or-later
#include "scripts.hpp"

#include <algorithm>

namespace duet::simulator {

namespace {

constexpr Node a = 0, b = 1;

bool at_once(const World&) {
    return true;
}

// Something is acknowledged that the other one does not have.
bool served_alone(const World& world, Node node) {
    const auto& peer = world.databases[other(node)];
    return world.databases[node].open && !world.databases[node].waiting &&
           (world.acknowledged & ~(peer.log | peer.relay));
}

bool shows_grant(const World& world, Node viewer, bool revoked) {
    const auto& grant = world.servers[viewer].copy[b].grant;
    return grant.present && grant.revoked == revoked;
}

bool a_served_alone(const World& world) {
    return served_alone(world, a);
}
bool b_shows_a_grant(const World& world) {
    return shows_grant(world, b, false);
}

// B's attrd was restarted, so its copy shows no grant; the new one is on its way to it, and behind
// it the revocation. A takes nothing for revoked and goes on alone; then the grant arrives, and A
// dies before the revocation does.
constexpr Cue grant_on_its_way[] = {
    {at_once, Fault::restart_attrd, b},
    {[](const World& world) {
         return world.servers[a].notes.marked && world.servers[b].copy[b].claim &&
                !world.servers[b].copy[b].grant.present;
     },
     Fault::hold_attributes, b},
    {[](const World& world) { return shows_grant(world, a, false); }, Fault::cut_link, a},
    {a_served_alone, Fault::deliver_attributes, b},
    {b_shows_a_grant, Fault::power_of_one, a},
};

// A revokes, but B is back before that is confirmed, and is granted again. Both copies still show
// the revocation while the grant is on its way, and B's connection is lost once more.
constexpr Cue revoked_in_vain[] = {
    {at_once, Fault::hold_attributes, b},
    {at_once, Fault::cut_link, a},
    {[](const World& world) { return world.servers[a].notes.revocation != 0; },
     Fault::heal_network, a},
    {[](const World& world) { return world.databases[a].sees_replica; },
     Fault::deliver_attributes, b},
    {[](const World& world) {
         return world.servers[a].notes.marked && shows_grant(world, a, true) &&
                shows_grant(world, b, true);
     },
     Fault::hold_attributes, a},
    {at_once, Fault::hold_attributes, b},
    {[](const World& world) {
         return std::ranges::any_of(world.servers[b].inbox[a], [](const Message& message) {
             return message.field == Field::grant && !message.value.grant.revoked;
         });
     },
     Fault::cut_link, a},
    {a_served_alone, Fault::deliver_attributes, a},
    {at_once, Fault::deliver_attributes, b},
    {b_shows_a_grant, Fault::power_of_one, a},
};

// A is demoted and stopped before it hears of B's epoch. B goes on alone and dies; what tells A of
// the epoch is the revocation on A's own node, since B's claim vanished with B.
constexpr Cue stopped_too_soon[] = {
    {at_once, Fault::standby, a},
    {[](const World& world) {
         return world.servers[a].role == Role::stopped && served_alone(world, b);
     },
     Fault::power_of_one, b},
    {at_once, Fault::no_standby, a},
};

// B, cut off, is interrupted between the file and the claim of its new epoch, and its mysqld dies:
// the stop does not get as far as to look whether it can hand over, which would say the claim, too.
// A would go on alone beside the higher epoch.
constexpr Cue promoted_half[] = {
    {at_once, Fault::cut_ring, a},
    {[](const World& world) { return world.servers[b].record.own.number > 2; },
     Fault::kill_agent, b},
    {at_once, Fault::kill_mysqld, b},
    {at_once, Fault::heal_network, b},
};

constexpr ScriptedCase scripted[] = {
    {"absence_revokes", Broken::absence_revokes, true, grant_on_its_way, 200},
    {"absence_revokes", Broken::absence_revokes, false, grant_on_its_way, 200},
    {"old_revocation_kept", Broken::old_revocation_kept, true, revoked_in_vain, 200},
    {"old_revocation_kept", Broken::old_revocation_kept, false, revoked_in_vain, 200},
    {"revocation_without_epoch", Broken::revocation_without_epoch, true, stopped_too_soon, 200},
    {"stop_hides_claim", Broken::stop_hides_claim, false, promoted_half, 200},
};

}  // namespace

std::span<const ScriptedCase> scripted_variants() {
    return scripted;
}

}  // namespace duet::simulator
