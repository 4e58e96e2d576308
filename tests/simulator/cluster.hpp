// SPDX-License-Identifier: GPL-2.0-or-later
// Ring, membership, attributes and fence devices. Each node has its own copy of the attributes; a
// message from one node to a copy overtakes no other of the same way, and waits as long as it
// likes.
#pragma once

#include "world.hpp"

namespace duet::simulator {

// Written by `writer` about any node: on its way to both copies, as far as there is a way.
void publish(World& world, Node writer, Node about, Field field, const Attributes& value);
// The peer's own copy of the attributes about itself; nothing when it cannot be asked.
const Attributes* peers_copy(const World& world, Node asker);

// ---- what the world does ----
void message_arrives(World& world, Node from, Node to);
void loss_is_noticed(World& world, Node viewer);
void rings_join(World& world);
void fencing_goes_on(World& world, Node asker);
void node_boots(World& world, Node node);

// ---- what faults and the manager do ----
void cut_power(World& world, Node node);
void kill_agent(World& world, Node node);
void restart_attrd(World& world, Node node);
void leave_in_order(World& world, Node node);

}  // namespace duet::simulator
