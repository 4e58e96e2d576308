// SPDX-License-Identifier: GPL-2.0-or-later
// Linux removes all secondary addresses of a subnet with their primary, unless promote_secondaries
// is set on the interface. A virtual address that happens to be the primary must not take others
// with it.
#pragma once

#include <vector>

#include "call.hpp"
#include "network.hpp"

namespace duet::vip {

// Removes each of `leaving`, and nothing else. `held`: all addresses as they were just before.
// Throws std::system_error.
void remove_alone(Network& network, const std::vector<Held>& leaving,
                  const std::vector<Held>& held, const Call& call);

}  // namespace duet::vip
