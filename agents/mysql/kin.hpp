// SPDX-License-Identifier: GPL-2.0-or-later
// Whether this standby can follow the active at all: compared with it over the network, with the
// account of replication, before the receiver starts where the other one answers, and when the
// receiver or the applier says that something is wrong.
#pragma once

#include "divergence.hpp"
#include "instance.hpp"

namespace duet::mysql {

// What is known; compares when replication has stopped for a reason that this may explain.
Kinship assess_kinship(Instance& instance, const DatabaseView& database, const Process& process);
// Nothing that the receiver is about to fetch may be mixed with what only this server has.
Kinship compare_before_following(Instance& instance, const DatabaseView& database,
                                 const Process& process);
// INSTANCE-diverged on this node, on change: what this server alone has, and where it is saved.
void publish_kinship(Instance& instance, Kinship kinship);
// Saves what this server alone has, unless that was done before; returns what it is and where.
// Throws Failure(generic) where that cannot be told or saved.
std::optional<std::string> save_what_is_own(const Instance& instance, const Deadline& end);
// For an exit reason: "; it has diverged: ...", or nothing.
std::string kinship_clause(const Instance& instance);

}  // namespace duet::mysql
