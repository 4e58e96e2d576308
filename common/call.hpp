// SPDX-License-Identifier: GPL-2.0-or-later
// What the cluster asked for, read once from argument and environment.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clock.hpp"

namespace duet {

// The value of an environment variable, or nothing when it is unset.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// OCF_RESKEY_CRM_meta_notify_*, meaningful in a notify action only. Each list holds node names in
// Pacemaker's order, as they stood when the transition was computed.
struct Notification {
    bool post = false;      // else pre
    std::string operation;  // start, stop, promote, demote
    std::vector<std::string> starting, stopping, promoting, demoting;
    std::vector<std::string> active, promoted, unpromoted;
};

struct Call {
    std::string agent;     // resource type: "mysql"
    std::string action;    // "start"
    std::string instance;  // "db", without a clone's ":0"; safe as a file name
    std::string node;      // the cluster's name of this node; empty outside a cluster
    bool probe = false;    // a monitor that asks whether the resource runs here at all
    int check_level = 0;   // OCF_CHECK_LEVEL
    Deadline deadline = Deadline::after(Milliseconds(0));  // before Pacemaker's own timeout
    Notification notification;

    bool clustered() const { return !node.empty(); }
};

// `advised_timeout` is used where the environment has no readable one. The deadline is the timeout
// less a tenth, at most 2 s, so that the agent ends with a sentence and not by a signal.
Call read_call(const std::string& agent, const std::string& action, Milliseconds advised_timeout,
               const Environment& environment);

// The folder of this resource instance for what must not outlive a boot: made when absent, 0700.
// Throws std::system_error.
std::string run_directory(const Call& call);

}  // namespace duet
