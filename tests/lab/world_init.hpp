// SPDX-License-Identifier: GPL-2.0-or-later
// Process 1 of the world: makes the networks, then answers the lab on one socket and the nodes'
// fence agents on another, as the management controllers of the nodes would.
//
// The lab's socket takes
//   status NODE | on NODE | off NODE          the mains
//   bmc NODE normal | refuse | dead           how the node's controller answers
//   bmc NODE delay MS | boots yes|no | boot-delay MS
//   cut CUT | heal [CUT] | cuts
// the controllers' socket takes status, on, off, reboot, each with a node.
#pragma once

#include <string>

#include "place.hpp"

namespace duet::lab {

// Returns only by an exception: the world ends by being killed.
[[noreturn]] void be_the_world(const Place& place);

}  // namespace duet::lab
