// SPDX-License-Identifier: GPL-2.0-or-later
// From the words of the parameter to places: which address on which link of this server.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "call.hpp"
#include "config.hpp"
#include "entry.hpp"
#include "network.hpp"

namespace duet::vip {

struct Places {
    std::vector<Want> wants;               // one for each entry whose link was found
    std::map<int, Link> links;             // those of the wants
    std::map<std::string, std::string> missing;  // an entry's text and what is missing for it

    std::map<int, std::string> names() const;
    // A sentence for each link that is dead.
    std::vector<std::string> dead_links() const;
};

// For start: an entry without an interface gets one from addresses and routes.
Places choose_places(const Config& config, const Call& call, Network& network,
                     const std::vector<Held>& held);
// For monitor: an entry without an interface keeps the one that start chose, as recorded; where
// nothing is recorded, any will do.
Places expected_places(const Config& config, const Call& call, Network& network);

}  // namespace duet::vip
