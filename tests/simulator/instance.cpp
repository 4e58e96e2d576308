// SPDX-License-Identifier: GPL-2.0-or-later
#include "agent.hpp"
#include "cluster.hpp"

namespace duet::simulator {

namespace {

constexpr int patience = 100;  // pauses in one action, for its timeout

Written& written(World& world, Node me) {
    auto& server = world.servers[me];
    if (server.written.daemon != server.daemon)
        server.written = {server.daemon, {}, {}, {}, {}, {}};
    return server.written;
}

}  // namespace

Step pause(World& world, Node me) {
    auto& server = world.servers[me];
    if (++server.pauses > patience || (!world.healing && world.random.one_in(40))) throw Failed{};
    return step(world, me);
}

Database& connect(World& world, Node me, int process) {
    auto& database = world.databases[me];
    if (!database.runs || !database.answers) throw Failed{};
    if (process && database.process != process) throw Failed{};
    return database;
}

std::string policy_word(int word) {
    return word ? std::to_string(word) : std::string();
}

std::optional<mysql::Grant> policy_grant(const GrantValue& grant) {
    if (!grant.present) return std::nullopt;
    return mysql::Grant{grant.revoked, grant.epoch, policy_word(grant.life),
                        policy_word(grant.sequence)};
}

void learn(Server& server, const mysql::Epoch& epoch, bool current) {
    auto& seen = server.record.peer_seen;
    const bool settled = current && epoch.number == seen.number && !epoch.forced_over;
    if (epoch.number > seen.number || (settled && seen.forced_over)) seen = epoch;
}

// What is learnt of the peer goes into the file before anything is decided by it.
mysql::Standing look(World& world, Node me, bool has_data) {
    auto& server = world.servers[me];
    const auto& grant = server.copy[std::size_t(me)].grant;
    if (grant.present) learn(server, grant.epoch, !grant.revoked);
    const auto& claim = server.copy[std::size_t(other(me))].claim;
    if (claim) {
        server.notes.claim = claim;
        server.notes.claim_daemon = server.daemon;
        learn(server, claim->epoch, true);
    }
    if (server.member && server.copy[std::size_t(me)].force) {
        world.tell(name(me), "'s force is void");
        publish(world, me, me, Field::force, {});
    }
    return standing(world, me, has_data);
}

mysql::Standing standing(const World& world, Node me, bool has_data) {
    const auto& server = world.servers[me];
    mysql::Standing standing;
    standing.own = server.record.own;
    standing.peer_seen = server.record.peer_seen;
    standing.has_data = has_data;
    standing.life = policy_word(life(world, me));
    if (server.notes.claim_daemon == server.daemon) standing.claim = server.notes.claim;
    if (!standing.claim && world.is_broken(Broken::last_without_claim))
        standing.claim = mysql::Claim{};
    standing.peer_member = server.member;
    standing.peer_certified = !server.member && server.certified &&
                              (world.setup.fencing || world.is_broken(Broken::good_leave_unfenced));
    if (!server.member && world.is_broken(Broken::death_uncertified))
        standing.peer_certified = true;
    standing.fencing = world.setup.fencing && !world.is_broken(Broken::lost_is_harmless);
    const auto state = server.copy[std::size_t(other(me))].state;
    if (!world.is_broken(Broken::no_handshake) && state != State::none)
        standing.peer_state = state == State::starting    ? "starting"
                              : state == State::promoting ? "promoting"
                                                          : "other";
    standing.grant = policy_grant(server.copy[std::size_t(me)].grant);
    if (standing.grant && world.is_broken(Broken::life_ignored) && !standing.life.empty())
        standing.grant->life = standing.life;
    standing.force = server.copy[std::size_t(me)].force;
    if (mysql::is_forced(standing)) standing.peer_certified = true;
    standing.preferred = me == 0;
    return standing;
}

void publish_claim(World& world, Node me, bool has_data) {
    const mysql::Claim claim{world.servers[me].record.own, has_data};
    auto& last = written(world, me).claim;
    if (last == claim) return;
    last = claim;
    Attributes value;
    value.claim = claim;
    publish(world, me, me, Field::claim, value);
}

void set_state(World& world, Node me, State state) {
    auto& last = written(world, me).state;
    if (last == state) return;
    last = state;
    Attributes value;
    value.state = state;
    publish(world, me, me, Field::state, value);
}

void set_score(World& world, Node me, std::optional<int> score) {
    auto& last = written(world, me).score;
    if (score && last == score) return;
    last = score;
    Attributes value;
    value.score = score;
    publish(world, me, me, Field::score, value);
}

void set_grant(World& world, Node writer, Node holder, const GrantValue& grant) {
    Attributes value;
    value.grant = grant;
    publish(world, writer, holder, Field::grant, value);
}

mysql::Epoch revoking_epoch(const World& world, Node me) {
    return world.is_broken(Broken::revocation_without_epoch) ? mysql::Epoch() : world.servers[me].record.own;
}

int life(const World& world, Node me) {
    const auto& notes = world.servers[me].notes;
    const auto& database = world.databases[me];
    return database.runs && notes.life_process == database.process ? notes.life : 0;
}

void begin_life(World& world, Node me) {
    auto& notes = world.servers[me].notes;
    notes.life = world.new_word();
    notes.life_process = world.databases[me].process;
    publish_life(world, me);
}

void publish_life(World& world, Node me) {
    const int life = world.servers[me].notes.life;
    auto& last = written(world, me).life;
    if (last == life) return;
    last = life;
    Attributes value;
    value.life = life;
    publish(world, me, me, Field::life, value);
}

void publish_final(World& world, Node me) {
    Attributes value;
    value.final_position = world.databases[me].log;
    value.final_epoch = world.servers[me].record.own.number;
    auto& last = written(world, me).final_position;
    if (last == value.final_position) return;
    last = value.final_position;
    publish(world, me, me, Field::final_position, value);
}

bool is_promoted(const World& world, Node me) {
    const auto& database = world.databases[me];
    return database.runs && world.servers[me].notes.promoted_process == database.process;
}

}  // namespace duet::simulator
