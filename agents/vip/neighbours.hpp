// SPDX-License-Identifier: GPL-2.0-or-later
// The gateways that must know where our addresses are, and the question whether they do.
#pragma once

#include <string>
#include <vector>

#include "clock.hpp"
#include "network.hpp"
#include "wire.hpp"

namespace duet::vip {

// The named gateways that are on the link; where none is named for it, those of its routes.
// `held`: our addresses, for a named gateway is on the link that has an address of its subnet.
std::vector<Address> gateways_on(Network& network, const std::vector<Address>& named, int link,
                                 bool v6, const std::vector<Held>& held);

// Asks the gateways of each of `held` from that address; a sentence for each address of which no
// gateway answered within `patience`. Addresses without gateways are not judged.
std::vector<std::string> unanswered(Network& network, const std::vector<Address>& named,
                                    const std::vector<Held>& held, const Deadline& patience);

// Who else answers for one of `wants`, asked without being heard as its owner; waits `patience`.
std::vector<Claim> other_owners(Network& network, const std::vector<Want>& wants,
                                const Deadline& patience);

}  // namespace duet::vip
