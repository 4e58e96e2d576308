// SPDX-License-Identifier: GPL-2.0-or-later
// active.cpp of the agent.
#include "agent.hpp"
#include "cluster.hpp"

namespace duet::simulator {

namespace {

using mysql::ActiveStep;

struct Look {
    mysql::ActiveView view;
    int peer_life = 0;
    bool settled = false;
};

bool is_settled(World& world, Node me) {
    const auto& notes = world.servers[me].notes;
    return world.databases[me].sees_replica && notes.settled == world.servers[me].record.own.number &&
           world.random.one_in(2);
}

void look_at_peers_copy(const World& world, Node me, mysql::ActiveView& view) {
    const auto* theirs = peers_copy(world, me);
    if (world.is_broken(Broken::peers_copy_unread))
        theirs = &world.servers[me].copy[std::size_t(other(me))];
    if (!theirs) return;
    view.peers_copy = policy_grant(theirs->grant);
    view.peer_claimed = theirs->claim && theirs->claim->epoch.number <= view.own;
    view.peer_promoting = theirs->state == State::promoting;
    if (world.is_broken(Broken::absence_revokes) && !view.peers_copy)
        view.peers_copy = mysql::Grant{true, 0, "", view.revocation};
    if (world.is_broken(Broken::claim_not_compared)) view.peer_claimed = true;
    if (world.is_broken(Broken::promoting_not_seen)) view.peer_promoting = false;
}

// An announced stop that does not come is forgotten after a while.
bool is_leaving(World& world, Node me, int peer_life) {
    auto& notes = world.servers[me].notes;
    const bool over = world.random.one_in(20) || ++notes.leaving_looks > 30;
    if (over && !world.is_broken(Broken::leaving_for_ever)) notes.leaving = 0;
    return peer_life && notes.leaving == peer_life;
}

Task look_at_everything(World& world, Node me, int process, bool leaving, Look& result) {
    auto& view = result.view;
    auto& server = world.servers[me];
    const auto& database = connect(world, me, process);
    view.own = server.record.own.number;
    view.waiting = database.waiting;
    view.standby_connected = database.sees_replica;
    view.standby_silent = mysql::Milliseconds(world.random.one_in(2) ? 2000 : 0);
    if (!leaving && is_settled(world, me)) {
        result.settled = true;
        co_return;
    }
    if (!world.is_broken(Broken::claim_not_repeated)) publish_claim(world, me, true);
    const auto standing = look(world, me, true);
    const auto& peers = server.copy[std::size_t(other(me))];
    view.known = standing.known();
    view.peer_member = standing.peer_member;
    view.peer_certified = standing.peer_certified;
    view.fencing = standing.fencing;
    view.forced = standing.force || standing.own.forced_over;
    result.peer_life = peers.life;
    view.peer_life = policy_word(peers.life);
    view.grant = policy_grant(peers.grant);
    const bool stopped = !peers.life && peers.state == State::stopped;
    view.standby_leaving = leaving || stopped || is_leaving(world, me, peers.life);
    view.granted_since_promotion = server.notes.ungranted != view.own;
    view.revocation = policy_word(server.notes.revocation);
    view.marked_life = policy_word(server.notes.marked);
    if (view.revocation.empty() || !view.peer_member) co_return;
    co_await step(world, me);
    look_at_peers_copy(world, me, view);
}

void break_rules(const World& world, Node me, mysql::ActiveView& view) {
    const auto& database = world.databases[me];
    if (world.is_broken(Broken::no_step_down)) view.known = std::min(view.known, view.own);
    if (world.is_broken(Broken::no_marker)) view.marked_life = view.peer_life;
    if (world.is_broken(Broken::executed_compared)) {
        const bool same = !(database.engine & ~world.databases[other(me)].log &
                            ~world.databases[other(me)].relay);
        view.marked_life = same ? view.peer_life : "";
    }
    if (world.is_broken(Broken::grant_without_waiting) && view.standby_connected)
        view.waiting = true;
    if (world.is_broken(Broken::life_ignored) && view.grant) view.grant->life = view.peer_life;
}

Task mark(World& world, Node me, int process, int life) {
    world.tell(name(me), " writes a marker for life ", life);
    connect(world, me, process);
    if (!is_marker_committed(world, me)) co_return;  // the one before still waits
    write_marker(world, me);
    while (!is_marker_committed(world, me)) {
        if (world.random.one_in(60)) co_return;
        co_await step(world, me);
        connect(world, me, process);
    }
    world.servers[me].notes.marked = life;
}

Task grant(World& world, Node me, int life) {
    auto& notes = world.servers[me].notes;
    notes.ungranted = notes.marked = 0;
    if (!world.is_broken(Broken::old_revocation_kept)) notes.revocation = 0;
    co_await step(world, me);
    const GrantValue value{true, false, world.servers[me].record.own, life, world.new_word()};
    world.tell(name(me), " grants epoch ", mysql::to_text(value.epoch), ", life ", life, " (word ", value.sequence,
               ")");
    set_grant(world, me, other(me), value);
}

Task mark_forced(World& world, Node me) {
    auto& own = world.servers[me].record.own;
    if (!world.is_broken(Broken::force_unmarked))
        own.forced_over = std::min(own.number, own.forced_over.value_or(own.number));
    world.forced = true;
    world.tell(name(me), " goes on alone at a person's word");
    co_await step(world, me);
    publish_claim(world, me, true);
    publish(world, me, me, Field::force, {});
    co_await step(world, me);
}

Task settle_force(World& world, Node me) {
    publish(world, me, me, Field::force, {});
    co_await step(world, me);
    auto& own = world.servers[me].record.own;
    if (own.forced_over) world.tell(name(me), "'s force is settled");
    own.forced_over.reset();
    co_await step(world, me);
    publish_claim(world, me, true);
    co_await step(world, me);
}

Task revoke(World& world, Node me) {
    auto& notes = world.servers[me].notes;
    const int word = world.new_word();
    notes.settled = notes.marked = 0;
    world.tell(name(me), " revokes with word ", word);
    set_grant(world, me, other(me), {true, true, revoking_epoch(world, me), 0, word});
    co_await step(world, me);
    notes.revocation = word;
}

Task await_revocation(World& world, Node me) {
    if (world.random.one_in(20)) world.servers[me].notes.revocation = 0;
    co_await step(world, me);
}

void step_down(World& world, Node me) {
    world.tell(name(me), " is superseded: ends mysqld hard");
    crash_database(world, me);
    throw Failed{};
}

Task act(World& world, Node me, int process, ActiveStep decision, const Look& look, bool& more) {
    auto& notes = world.servers[me].notes;
    more = true;
    switch (decision) {
        case ActiveStep::none:
            if (mysql::holds_valid_grant(look.view) && look.view.waiting)
                notes.settled = look.view.own;
            more = false;
            break;
        case ActiveStep::step_down:
            step_down(world, me);
            break;
        case ActiveStep::revoke:
            co_await revoke(world, me);
            break;
        case ActiveStep::await_revocation:
            co_await await_revocation(world, me);
            break;
        case ActiveStep::go_solo:
            if (look.view.forced) co_await mark_forced(world, me);
            connect(world, me, process);
            set_waiting(world, me, false);
            co_await step(world, me);
            notes.ungranted = look.view.own;
            notes.revocation = notes.settled = notes.marked = 0;
            break;
        case ActiveStep::wait_again:
            notes.revocation = notes.marked = 0;
            co_await step(world, me);
            connect(world, me, process);
            set_waiting(world, me, true);
            break;
        case ActiveStep::mark:
            co_await mark(world, me, process, look.peer_life);
            break;
        case ActiveStep::settle_force:
            co_await settle_force(world, me);
            break;
        case ActiveStep::grant:
            co_await grant(world, me, look.peer_life);
            more = false;
            break;
    }
}

}  // namespace

Task tend_active(World& world, Node me, bool leaving) {
    const int process = world.databases[me].process;
    connect(world, me, process);
    bool more = true;
    while (more) {
        Look look;
        co_await look_at_everything(world, me, process, leaving, look);
        if (look.settled) break;
        break_rules(world, me, look.view);
        auto decision = mysql::toward_safety(look.view, {});
        if (world.is_broken(Broken::solo_by_clock) && decision == ActiveStep::revoke)
            decision = ActiveStep::go_solo;
        co_await step(world, me);
        co_await act(world, me, process, decision, look, more);
        if (world.random.one_in(16)) more = false;
    }
    set_state(world, me, State::other);
}

Task hand_over(World& world, Node me) {
    const auto& record = world.servers[me].record;
    if (record.own.number <= record.peer_seen.number) co_return;
    const int process = world.databases[me].process;
    for (int turn = 0; turn < 200; ++turn) {
        Look look;
        co_await look_at_everything(world, me, process, false, look);
        if (look.settled) break;
        if (world.is_broken(Broken::no_marker)) look.view.marked_life = look.view.peer_life;
        const auto decision = mysql::toward_handover(look.view);
        co_await step(world, me);
        bool more = !look.view.standby_connected && look.peer_life && look.view.peer_member;
        if (decision != ActiveStep::none) co_await act(world, me, process, decision, look, more);
        if (!more || world.random.one_in(30)) break;
    }
    co_await step(world, me);
    connect(world, me, process);
    if (world.databases[me].waiting) set_waiting(world, me, false);
}

}  // namespace duet::simulator
