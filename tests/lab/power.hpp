// SPDX-License-Identifier: GPL-2.0-or-later
// The nodes as machines, seen from inside the world: power on, power off, and what the kernel says.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "place.hpp"

namespace duet::lab {

class Machines {
  public:
    explicit Machines(Place place) : place_(std::move(place)) {}

    bool is_on(const std::string& node) const { return nodes_.count(node) != 0; }
    // Returns at once; the node boots by itself. Nothing to do when it is on.
    void power_on(const std::string& node);
    // Nothing leaves the node any more, then all of it dies; returns when the kernel has seen the
    // last of it, frozen or not. Throws Failure when that takes longer than 10 s.
    void power_off(const std::string& node);
    // Collects the dead. The nodes whose process 1 ended without being told to.
    std::set<std::string> reap();

    // Traffic that is taken away; survives a power cut of the node.
    void set_cuts(const std::set<std::string>& cuts);
    const std::set<std::string>& cuts() const { return cuts_; }

    // Plugs a host's namespaces into its networks; `pid` as the world sees it.
    void attach(const std::string& who, pid_t pid);

  private:
    void apply_cuts();
    void forget(const std::string& node);

    Place place_;
    std::map<std::string, pid_t> nodes_;
    std::set<std::string> ports_, cuts_;
};

// Runs one of the lab's scripts; throws Failure with its last words when it fails.
void run_script(const std::string& name, const std::vector<std::string>& arguments);

}  // namespace duet::lab
