// SPDX-License-Identifier: GPL-2.0-or-later
// Which traffic a cut takes away, as rules for the ports of the lab's bridges. Frames are dropped
// silently, links stay up: the way a switch or a firewall fails.
//
//   ring[:FROM>TO]          corosync's packets between the nodes (one way only)
//   database[:FROM>TO]      replication between the nodes, TCP 3306
//   external:WHO  internal:WHO  all:WHO     everything of a node on this network, on both
//   external:FROM>TO  internal:FROM>TO  all:FROM>TO    one way between the nodes
//   gateway                 the gateway is gone
#pragma once

#include <set>
#include <string>
#include <vector>

namespace duet::lab {

struct PortRule {
    std::string port;       // "a-ext"
    bool incoming = true;   // into the bridge, so out of the host
    std::string condition;  // of nft; empty: everything
};

// Throws Failure for a cut that is none of the above.
std::vector<PortRule> rules_of(const std::string& cut);

// The whole ruleset for nft -f, replacing what was there; rules for ports that do not exist now
// (their node is off) are left out.
std::string ruleset(const std::set<std::string>& cuts, const std::set<std::string>& ports);

}  // namespace duet::lab
