// SPDX-License-Identifier: GPL-2.0-or-later
// standby.cpp of the agent.
#include "agent.hpp"

namespace duet::simulator {

namespace {

using mysql::StandbyStep;

constexpr int most_steps = 12;

mysql::Standing stand(World& world, Node me) {
    auto& server = world.servers[me];
    auto& notes = server.notes;
    const auto& database = world.databases[me];
    const bool settled = database.receiver == mysql::Receiver::running && database.applier &&
                         notes.granted_life && notes.granted_life == life(world, me) &&
                         server.record.peer_seen.number > server.record.own.number && world.random.one_in(2);
    if (settled) {
        auto known = standing(world, me, true);
        known.grant = policy_grant(notes.grant);
        known.peer_member = true;
        return known;
    }
    const bool has_data = server.record.own.number > 0 || database.log != 0;
    const auto seen = look(world, me, has_data);
    publish_claim(world, me, has_data);
    notes.granted_life = mysql::is_granted(seen) ? life(world, me) : 0;
    if (notes.granted_life) notes.grant = server.copy[std::size_t(me)].grant;
    return seen;
}

mysql::StandbyView view(const World& world, Node me, const mysql::Standing& standing) {
    const auto& database = world.databases[me];
    mysql::StandbyView view;
    view.superseded = mysql::is_superseded(standing) || world.is_broken(Broken::always_receiving);
    view.open = database.open;
    view.semi_sync_source = database.waiting;
    view.semi_sync_replica = true;
    view.receiver = database.receiver;
    view.applier_runs = database.applier;
    view.receiver_failed = database.diverged;
    view.channel_right = database.channel;
    return view;
}

Task follow(World& world, Node me, int process) {
    // The grant of the old life must be void before its relay log is thrown away.
    if (!world.is_broken(Broken::life_ignored)) begin_life(world, me);
    world.servers[me].notes.granted_life = 0;
    co_await step(world, me);
    connect(world, me, process);
    start_receiver(world, me);
}

Task act(World& world, Node me, int process, StandbyStep decision, bool& more) {
    more = true;
    switch (decision) {
        case StandbyStep::none:
        case StandbyStep::refuse_foreign:
            more = false;
            break;
        case StandbyStep::close:
            co_await close_server(world, me, more);
            break;
        case StandbyStep::source_off:
            set_waiting(world, me, false);
            break;
        case StandbyStep::replica_on:
            break;
        case StandbyStep::configure_channel:
        case StandbyStep::start_receiver:
            co_await follow(world, me, process);
            break;
        case StandbyStep::stop_receiver:
            stop_receiver(world, me);
            break;
        case StandbyStep::start_applier:
            world.databases[me].applier = true;
            break;
    }
}

// What the draft of the protocol did: the standby itself declares that it is in sync.
void grant_itself(World& world, Node me, const mysql::Standing& standing) {
    const auto& database = world.databases[me];
    const auto& own = world.servers[me].copy[std::size_t(me)].grant;
    if (database.receiver != mysql::Receiver::running || database.relay) return;
    if (!mysql::is_superseded(standing) || (own.present && !own.revoked)) return;
    set_grant(world, me, me, {true, false, {standing.known()}, life(world, me), world.new_word()});
}

}  // namespace

Task tend_standby(World& world, Node me, StandbyLook& result) {
    const int process = world.databases[me].process;
    connect(world, me, process);
    if (!life(world, me)) begin_life(world, me);
    if (!world.is_broken(Broken::life_not_repeated)) publish_life(world, me);
    bool more = true;
    for (int i = 0; i < most_steps && more; ++i) {
        co_await step(world, me);
        connect(world, me, process);
        result.standing = stand(world, me);
        const auto decision = mysql::toward_standby(view(world, me, result.standing));
        co_await step(world, me);
        connect(world, me, process);
        co_await act(world, me, process, decision, more);
    }
    if (world.is_broken(Broken::standby_grants_itself)) grant_itself(world, me, result.standing);
}

Task publish_standby(World& world, Node me, const StandbyLook& look) {
    const auto& database = world.databases[me];
    mysql::ScoreView view;
    view.standing = look.standing;
    view.replicating =
        !database.diverged && database.applier && database.receiver != mysql::Receiver::stopped;
    view.delay = mysql::Milliseconds(0);
    view.failback_due = me == 0 && database.receiver == mysql::Receiver::running &&
                        !database.relay && world.random.one_in(20);
    set_score(world, me, mysql::promotion_score(view));
    co_await step(world, me);
    set_state(world, me, State::other);
}

}  // namespace duet::simulator
