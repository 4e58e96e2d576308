// SPDX-License-Identifier: GPL-2.0-or-later
// What goes wrong, and the end of it.
#pragma once

#include "schedule.hpp"

namespace duet::simulator {

void happen(World& world, const PlannedFault& planned);
// A node without a cluster comes back, sooner or later.
void boot_by_chance(World& world, Node node);
// From here on nothing new goes wrong, and both servers come back.
void heal(World& world);
void keep_healing(World& world);

}  // namespace duet::simulator
