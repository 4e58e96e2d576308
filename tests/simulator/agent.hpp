// SPDX-License-Identifier: GPL-2.0-or-later
// The agent: the steps of agents/mysql/*.cpp in their order, around the decisions of its policy,
// which are the real ones. The names are those of the code, so that the two can be laid side by
// side.
#pragma once

#include "database.hpp"
#include "world.hpp"

namespace duet::simulator {

Task start(World& world, Node me);
Task stop(World& world, Node me);
Task monitor(World& world, Node me);
Task probe(World& world, Node me);
Task promote(World& world, Node me);
Task demote(World& world, Node me);
// Before and after the stop of the other one, after its promotion.
Task notify(World& world, Node me, Kind kind);

// ---- what the actions share ----

Task tend_active(World& world, Node me, bool leaving);
// Of a closed server.
Task hand_over(World& world, Node me);
struct StandbyLook {
    mysql::Standing standing;
};
Task tend_standby(World& world, Node me, StandbyLook& look);
Task publish_standby(World& world, Node me, const StandbyLook& look);
// `closed` is false when mysqld had to be ended hard.
Task close_server(World& world, Node me, bool& closed);

// ---- instance.cpp ----

inline Step step(World& world, Node me) {
    return Step{world.servers[me].place};
}
// One more look at something that may never come: ends the action once in a while.
Step pause(World& world, Node me);
// Throws Failed when the server does not answer or is not that process any more.
Database& connect(World& world, Node me, int process = 0);

mysql::Standing look(World& world, Node me, bool has_data);
mysql::Standing standing(const World& world, Node me, bool has_data);
std::optional<mysql::Grant> policy_grant(const GrantValue& grant);
std::string policy_word(int word);
void publish_claim(World& world, Node me, bool has_data);
void set_state(World& world, Node me, State state);
void set_score(World& world, Node me, std::optional<int> score);
void set_grant(World& world, Node writer, Node holder, const GrantValue& grant);
mysql::Epoch revoking_epoch(const World& world, Node me);
int life(const World& world, Node me);
void begin_life(World& world, Node me);
void publish_life(World& world, Node me);
void publish_final(World& world, Node me);
bool is_promoted(const World& world, Node me);

}  // namespace duet::simulator
