// SPDX-License-Identifier: GPL-2.0-or-later
// What crm_mon shows, as values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace duet::lab {

struct ResourceStatus {
    std::string id;    // "db", "vip": without a clone's number
    std::string role;  // "Promoted", "Unpromoted", "Started", "Stopped"
    std::string node;  // empty when it is nowhere
    bool failed = false;
};

struct FailureStatus {
    std::string operation;  // "db_start_0"
    std::string node;
    std::string reason;  // the agent's one sentence
};

struct ClusterStatus {
    std::string controller;  // the node that decides, "DC"; empty when there is none
    bool quorum = false;
    std::map<std::string, bool> online;  // joined, not pending, not in standby
    std::map<std::string, std::map<std::string, std::string>> attributes;  // by node
    std::vector<ResourceStatus> resources;
    std::vector<FailureStatus> failures;

    // Where the resource has this role; empty for nowhere.
    std::string where(const std::string& id, const std::string& role) const;
    // In how many places.
    int count(const std::string& id, const std::string& role) const;
    std::string attribute(const std::string& node, const std::string& name) const;
};

// From crm_mon -1 --output-as=xml; nothing when it is not well-formed.
std::optional<ClusterStatus> parse_status(const std::string& xml);

}  // namespace duet::lab
