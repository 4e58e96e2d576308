// SPDX-License-Identifier: GPL-2.0-or-later
// One look at a node's copy of the CIB: who is a member, who is certified dead, which attributes
// stand where. By cibadmin(8), one call for everything.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "clock.hpp"

namespace duet {

struct ClusterNode {
    bool member = false;  // in corosync's membership and its controller speaks
    // Not a member, and either fenced successfully or left in good order: Pacemaker's controller
    // writes `expected=down` in just these two cases (send_stonith_update, shutdown).
    bool certified_down = false;
    std::map<std::string, std::string> transient;  // attributes with reboot lifetime
};

struct ClusterView {
    std::map<std::string, ClusterNode> nodes;
    bool fencing = true;  // stonith-enabled or fencing-enabled, true by default

    const ClusterNode* find(const std::string& node) const;
    std::optional<std::string> attribute(const std::string& node, const std::string& name) const;
};

// The copy of this node, or of the named one, asked through the cluster. Nothing when nobody
// answers before the deadline.
std::optional<ClusterView> look_at_cluster(const Deadline& deadline);
std::optional<ClusterView> look_at_cluster_of(const std::string& node, const Deadline& deadline);

// From the XML of a whole CIB; nothing when it is not well-formed.
std::optional<ClusterView> parse_cib(const std::string& xml);

}  // namespace duet
