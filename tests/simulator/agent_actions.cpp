// SPDX-License-Identifier: GPL-2.0-or-later
// start.cpp, stop.cpp, monitor.cpp, demote.cpp, notify.cpp and close.cpp of the agent.
#include "agent.hpp"
#include "cluster.hpp"

namespace duet::simulator {

namespace {

// Two servers must not come up and be promoted past each other.
Task come_forward(World& world, Node me, mysql::Standing& standing) {
    const int patience = 4 + world.random.below(150);
    for (int turn = 0;; ++turn) {
        standing = look(world, me, world.servers[me].record.own.number > 0);
        const auto& server = world.servers[me];
        const bool shown = server.copy[std::size_t(me)].state == State::starting;
        const bool silent = standing.peer_member && !standing.claim;
        const bool promoting = standing.peer_member && standing.peer_state == "promoting";
        if (turn >= patience || (shown && !silent && !promoting)) co_return;
        set_state(world, me, promoting ? State::stopped : State::starting);
        co_await step(world, me);
    }
}

// Whether it has data is not known before its mysqld answers.
void publish_first_claim(World& world, Node me) {
    publish_claim(world, me,
                  world.servers[me].record.own.number > 0 || !world.is_broken(Broken::empty_until_known));
}

mysql::RecoveryRole decide_role(const World& world, const mysql::Standing& standing) {
    if (world.is_broken(Broken::always_replica)) return mysql::RecoveryRole::replica;
    if (world.is_broken(Broken::always_source)) return mysql::RecoveryRole::source;
    return mysql::recovery_role(standing);
}

}  // namespace

Task start(World& world, Node me) {
    if (!world.databases[me].runs) {
        set_score(world, me, mysql::ineligible);
        publish_first_claim(world, me);
        co_await step(world, me);
        world.servers[me].notes.promoted_process = 0;
        world.servers[me].notes.granted_life = 0;
        mysql::Standing standing;
        co_await come_forward(world, me, standing);
        const auto role = decide_role(world, standing);
        co_await step(world, me);
        start_database(world, me, role);
    }
    for (int turn = 0; !world.databases[me].answers; ++turn) {
        if (!world.databases[me].runs) throw Failed{};
        if (turn == 10) {
            set_state(world, me, State::other);
            co_return;
        }
        co_await step(world, me);
    }
    if (is_promoted(world, me)) co_return;
    StandbyLook look;
    co_await tend_standby(world, me, look);
    co_await publish_standby(world, me, look);
}

Task close_server(World& world, Node me, bool& closed) {
    const int process = world.databases[me].process;
    const int patience = 2 + world.random.below(30);
    for (int turn = 0; turn < patience; ++turn) {
        auto& database = world.databases[me];
        if (!database.runs || !database.answers || database.process != process) break;
        closed = try_close(world, me);
        if (!closed || turn == 0) end_clients(world, me);
        if (closed && !has_waiting_commits(world, me)) {
            co_await step(world, me);
            connect(world, me, process);
            set_waiting(world, me, false);
            co_return;
        }
        co_await step(world, me);
    }
    closed = false;
    world.tell(name(me), " cannot be closed: ends mysqld hard");
    crash_database(world, me);
}

Task offer_role(World& world, Node me) {
    try {
        co_await hand_over(world, me);
    } catch (const Failed&) {
        world.tell(name(me), " could not hand over");
    }
}

Task stop(World& world, Node me) {
    set_score(world, me, std::nullopt);
    if (world.servers[me].record.own.number > 0 && !world.is_broken(Broken::stop_hides_claim))
        publish_claim(world, me, true);
    co_await step(world, me);
    const auto& database = world.databases[me];
    if (database.runs && (database.open || is_promoted(world, me))) {
        bool closed = false;
        co_await close_server(world, me, closed);
    }
    co_await step(world, me);
    if (database.runs && database.answers) co_await offer_role(world, me);
    co_await step(world, me);
    if (database.runs) {
        world.tell(name(me), " shuts mysqld down");
        shut_down_cleanly(world, me);
    }
    co_await step(world, me);
    world.servers[me].notes.promoted_process = 0;
    world.servers[me].notes.life = 0;
    publish_life(world, me);
    co_await step(world, me);
    set_state(world, me, State::stopped);
}

Task demote(World& world, Node me) {
    auto& notes = world.servers[me].notes;
    if (!world.databases[me].runs) {
        notes.promoted_process = 0;
        co_return;
    }
    bool closed = false;
    co_await close_server(world, me, closed);
    notes.promoted_process = 0;
    if (!closed) throw Failed{};
    co_await step(world, me);
    publish_final(world, me);
    world.tell(name(me), " is demoted");
}

Task notify(World& world, Node me, Kind kind) {
    if (!world.databases[me].runs) co_return;
    if (is_promoted(world, me)) {
        if (kind == Kind::after_promote) {
            co_await tend_active(world, me, false);
            co_return;
        }
        world.servers[me].notes.leaving_looks = 0;
        if (kind == Kind::before_stop)
            world.servers[me].notes.leaving = world.servers[me].copy[std::size_t(other(me))].life;
        co_await step(world, me);
        co_await tend_active(world, me, true);
    } else if (kind == Kind::after_promote) {
        StandbyLook look;
        co_await tend_standby(world, me, look);
    }
}

Task probe(World& world, Node me) {
    publish_first_claim(world, me);
    co_await step(world, me);
}

Task monitor(World& world, Node me) {
    auto& server = world.servers[me];
    const auto& database = world.databases[me];
    if (!database.runs) throw Failed{};
    server.found_promoted = is_promoted(world, me);
    if (server.found_promoted) {
        if (!connect(world, me).open) throw Failed{};
        co_await tend_active(world, me, false);
        set_score(world, me, 1000);
        co_return;
    }
    if (!database.answers && !life(world, me)) {
        set_score(world, me, mysql::ineligible);
        set_state(world, me, State::other);
        co_return;
    }
    StandbyLook look;
    co_await tend_standby(world, me, look);
    co_await publish_standby(world, me, look);
    // Time is not modelled: now and then it was long enough.
    if (mysql::is_last(look.standing) && world.random.one_in(3)) co_await hand_over(world, me);
}

}  // namespace duet::simulator
