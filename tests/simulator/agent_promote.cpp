// SPDX-License-Identifier: GPL-2.0-or-later
// promote.cpp of the agent.
#include "agent.hpp"
#include "cluster.hpp"

namespace duet::simulator {

namespace {

using mysql::PromoteStep;

struct Promotion {
    mysql::Standing standing;
    mysql::PromoteView view;
    Set final_position = 0;
    int revocation = 0;
    bool stale = true;
    int process = 0;
    bool receiver_killed = false;
};

void look_at_cluster(World& world, Node me, Promotion& promotion) {
    auto& view = promotion.view;
    promotion.standing = look(world, me, world.databases[me].log != 0);
    promotion.stale = false;
    const auto& own = world.servers[me].copy[std::size_t(me)];
    view.announced = own.state == State::promoting;
    view.epoch_published = own.claim && own.claim->epoch == world.servers[me].record.own;
    view.peer_starting = promotion.standing.peer_member &&
                         promotion.standing.peer_state == "starting" &&
                         !mysql::is_last(promotion.standing);
}

bool is_consented(const World& world, Node me, const Promotion& promotion) {
    const auto& standing = promotion.standing;
    if (!mysql::is_last(standing) || world.is_broken(Broken::last_without_consent)) return true;
    mysql::ActiveView view;
    view.own = world.servers[me].record.own.number;
    view.peer_member = standing.peer_member;
    view.peer_certified = standing.peer_certified;
    view.fencing = standing.fencing;
    view.granted_since_promotion = world.servers[me].notes.ungranted != view.own;
    view.revocation = policy_word(promotion.revocation);
    if (!standing.peer_member || view.revocation.empty()) return mysql::is_revoked(view);
    view.grant = policy_grant(world.servers[me].copy[std::size_t(other(me))].grant);
    const auto* theirs = peers_copy(world, me);
    if (!theirs) return false;
    view.peers_copy = policy_grant(theirs->grant);
    view.peer_claimed = theirs->claim && theirs->claim->epoch.number <= view.own;
    view.peer_promoting = theirs->state == State::promoting;
    return mysql::is_revoked(view);
}

mysql::PromoteView look_at_server(World& world, Node me, Promotion& promotion) {
    const auto& database = connect(world, me, promotion.process);
    auto& view = promotion.view;
    view.standing = promotion.standing;
    view.receiver_runs =
        database.receiver != mysql::Receiver::stopped && !promotion.receiver_killed;
    view.applier_runs = database.applier;
    view.backlog = mysql::is_superseded(promotion.standing) && database.relay;
    view.behind_peer = promotion.final_position & ~database.log;
    view.consented = view.announced && is_consented(world, me, promotion);
    view.waiting =
        database.waiting || !mysql::opens_waiting(promotion.standing, mysql::Durability::lossless);
    view.open = database.open;
    if (world.is_broken(Broken::receiver_kept)) view.receiver_runs = false;
    if (world.is_broken(Broken::epoch_before_apply) && !view.receiver_runs)
        view.backlog = view.applier_runs = false;
    return view;
}

Task announce(World& world, Node me, Promotion& promotion) {
    set_state(world, me, State::promoting);
    while (!promotion.view.announced) {
        co_await pause(world, me);
        look_at_cluster(world, me, promotion);
    }
    if (!promotion.standing.peer_member || !mysql::is_granted(promotion.standing)) co_return;
    const auto& peers = world.servers[me].copy[std::size_t(other(me))];
    if (peers.final_position && peers.final_epoch == promotion.standing.known())
        promotion.final_position = *peers.final_position;
}

Task revoke(World& world, Node me, Promotion& promotion) {
    if (promotion.standing.peer_member && !promotion.revocation) {
        promotion.revocation = world.new_word();
        world.tell(name(me), ", promoting, revokes with word ", promotion.revocation);
        set_grant(world, me, other(me),
                  {true, true, revoking_epoch(world, me), 0, promotion.revocation});
    } else {
        if (world.random.one_in(20)) promotion.revocation = 0;
        co_await pause(world, me);
    }
    promotion.stale = true;
}

Task write_epoch(World& world, Node me, Promotion& promotion) {
    auto& server = world.servers[me];
    look_at_cluster(world, me, promotion);
    if (!mysql::is_promotable(promotion.standing, mysql::Durability::lossless)) co_return;
    co_await step(world, me);
    const auto& standing = promotion.standing;
    const int own = standing.own.number, known = standing.known();
    server.record.own.number = world.is_broken(Broken::shared_numbers)
                                   ? mysql::next_epoch(own, known, 0, 1)
                                   : mysql::next_epoch(own, known, me, 2);
    const bool by_force = mysql::is_by_force(standing, mysql::Durability::lossless);
    world.forced |= by_force;
    auto& over = server.record.own.forced_over;
    if (by_force && !world.is_broken(Broken::force_unmarked))
        over = std::min(known, over.value_or(known));
    world.tell(name(me), " writes epoch ", mysql::to_text(server.record.own), " into its file");
    co_await step(world, me);
    auto& notes = server.notes;
    notes.ungranted = server.record.own.number;
    notes.settled = notes.marked = notes.revocation = notes.granted_life = 0;
    promotion.view.epoch_written = true;
    if (standing.force) publish(world, me, me, Field::force, {});
    co_await step(world, me);
    publish_claim(world, me, true);
    promotion.stale = true;
}

void refuse(World& world, Node me) {
    world.tell(name(me), " refuses to be promoted");
    set_score(world, me, mysql::ineligible);
    set_state(world, me, State::other);
    throw Failed{};
}

Task act(World& world, Node me, Promotion& promotion, PromoteStep decision) {
    switch (decision) {
        case PromoteStep::refuse:
            refuse(world, me);
            break;
        case PromoteStep::announce:
            co_await announce(world, me, promotion);
            break;
        case PromoteStep::wait_for_peer:
            promotion.view.waited_for_peer = world.random.one_in(20);
            co_await pause(world, me);
            promotion.stale = true;
            break;
        case PromoteStep::catch_up:
            promotion.view.gave_up_catching_up = world.random.one_in(30);
            break;
        case PromoteStep::stop_receiver:
            promotion.receiver_killed = promotion.standing.peer_certified;
            stop_receiver(world, me);
            break;
        case PromoteStep::start_applier:
            world.databases[me].applier = true;
            break;
        case PromoteStep::stop_applier:
            world.databases[me].applier = false;
            break;
        case PromoteStep::drain:
            co_await pause(world, me);
            break;
        case PromoteStep::revoke:
            co_await revoke(world, me, promotion);
            break;
        case PromoteStep::write_epoch:
            co_await write_epoch(world, me, promotion);
            break;
        case PromoteStep::publish_epoch:
            co_await pause(world, me);
            promotion.stale = true;
            break;
        case PromoteStep::wait_on:
            set_waiting(world, me, true);
            break;
        case PromoteStep::open:
            if (world.is_broken(Broken::epoch_before_apply))
                while (connect(world, me, promotion.process).relay) co_await pause(world, me);
            world.servers[me].notes.promoted_process = promotion.process;
            co_await step(world, me);
            connect(world, me, promotion.process);
            open_database(world, me);
            break;
        case PromoteStep::done:
            break;
    }
}

}  // namespace

Task promote(World& world, Node me) {
    if (!world.databases[me].runs) throw Failed{};
    if (is_promoted(world, me) && connect(world, me).open) co_return;
    Promotion promotion;
    promotion.process = world.databases[me].process;
    for (;;) {
        if (promotion.stale) look_at_cluster(world, me, promotion);
        co_await step(world, me);
        const auto decision = mysql::toward_promoted(look_at_server(world, me, promotion));
        if (decision == PromoteStep::done) break;
        co_await step(world, me);
        connect(world, me, promotion.process);
        co_await act(world, me, promotion, decision);
    }
    set_state(world, me, State::other);
    set_score(world, me, 1000);
}

}  // namespace duet::simulator
