// SPDX-License-Identifier: GPL-2.0-or-later
// Which attributes were changed when, as a node's pacemaker-attrd logged it. A change that the CIB
// holds aborts a transition, so none may come between a failure and the repair of it.
#pragma once

#include <string>
#include <vector>

#include "history.hpp"
#include "pair.hpp"

namespace duet::lab {

struct AttributeWrite {
    WallTime when;
    std::string node, name, change;  // "granted -> promoting"
};
std::string to_text(const AttributeWrite& write);

// Changed by agents, in the order of the log of `survivor`: not those that Pacemaker itself keeps
// (fail counts, shutdown, its own versions).
std::vector<AttributeWrite> agents_writes(const Pair& pair, const std::string& survivor,
                                          WallTime since, WallTime until);
// The same from one line of pacemaker.log; nothing for any other line.
std::optional<AttributeWrite> parse_attribute_write(const std::string& line);

// When a node of the pair first asked for the promotion of the database after `since`.
std::optional<WallTime> promotion_asked(const Pair& pair, WallTime since);

}  // namespace duet::lab
