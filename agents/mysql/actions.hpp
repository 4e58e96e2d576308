// SPDX-License-Identifier: GPL-2.0-or-later
// The actions of the mysql agent, as the table in agent.cpp names them.
#pragma once

#include "call.hpp"
#include "config.hpp"
#include "divergence.hpp"
#include "failure.hpp"
#include "instance.hpp"

namespace duet::mysql {

Exit start(const Config& config, const Call& call);
Exit stop(const Config& config, const Call& call);
Exit monitor(const Config& config, const Call& call);
Exit promote(const Config& config, const Call& call);
Exit demote(const Config& config, const Call& call);
Exit notify(const Config& config, const Call& call);
Exit validate(const Config& config, const Call& call);

// ---- what the actions share ----

// Closes an open server within a share of the action's time, or ends it hard when commits wait for
// an acknowledgement that does not come. Returns the final position, nothing when it was ended.
std::optional<std::string> close_server(Instance& instance, const Process& process);

// The active's side: waits, revokes, goes solo, grants, one decision after the other until nothing
// is left to do or `limit` is over. `leaving`: Pacemaker said that the standby stops.
// Throws Failure(failed_promoted) when this server turns out to be superseded.
void tend_active(Instance& instance, const Process& process, bool leaving, Milliseconds limit);

// Gives the standby of a closed server the grant that it lacks, so that it can be promoted when this
// one is stopped or may not be promoted any more. Ends after `limit`, or when nobody is there to be
// granted. Throws SqlError, Failure.
void hand_over(Instance& instance, const Process& process, Milliseconds limit);

// The standby's side: closed, semi-synchronous, following whoever supersedes it. Returns what it
// saw at the end. Publishes nothing but a new life.
struct StandbyLook {
    Standing standing;
    DatabaseView database;
    StandbyStep stuck = StandbyStep::none;  // what could not be done
    Kinship kinship = Kinship::unknown;  // to the server that it follows
    bool seed_asked = false;             // a person wants it to be seeded anew
    bool uncompared = false;  // it would follow, and the other server does not answer
};
StandbyLook tend_standby(Instance& instance, const Process& process);

// The time of the coming failback, INSTANCE-failback, is not shown any more.
void withdraw_failback(Instance& instance);

// Score and state of a server that is not promoted, written on change.
void publish_standby(Instance& instance, const StandbyLook& look);

}  // namespace duet::mysql
