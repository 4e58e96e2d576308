// SPDX-License-Identifier: GPL-2.0-or-later
// What Pacemaker does with the resource: probes, starts, promotes by score, recovers, fences. One
// of it for each partition; it knows what its own members tell it.
#pragma once

#include "world.hpp"

namespace duet::simulator {

void manager_goes_on(World& world, Node controller);
// The next step of the action that runs on this node, or the beginning of another one.
void agent_goes_on(World& world, Node node);

}  // namespace duet::simulator
