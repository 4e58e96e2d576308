// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold, checked where it can break. The first violation of a schedule is kept.
#pragma once

#include "world.hpp"

namespace duet::simulator {

// One line about everything that a server is, for a trace.
void describe(World& world, Node node);
void violate(World& world, const std::string& sentence);

// I1: whoever opens has everything that was acknowledged. Once a person forced a server, who then
// opens may lack what the other one keeps.
void check_opening(World& world, Node node);
// I1, and never two that open and acknowledge: what `node` tells its client is also in the log of
// the server that was promoted last.
void check_acknowledgement(World& world, Node node, Set transaction);
// I4: the other server has of the tail what was acknowledged.
void check_truncation(World& world, Node node, Set tail);

// One serves and the other is granted, or has diverged and is quarantined.
bool is_healed(const World& world);
// I1, I2 and I3 of a pair that had its time to heal.
void check_end(World& world);

}  // namespace duet::simulator
